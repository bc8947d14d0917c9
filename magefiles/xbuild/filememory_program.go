package xbuild

import (
	"fmt"
	"os"
)

// running names the file of this program on Linux also when another one has taken its place.
const running = "/proc/self/exe"

// Program is the hexadecimal SHA-256 of the program that runs. No system lets anybody write into that, so it is not held against it
// that its file is touched meanwhile: mage does so whenever somebody starts it, with the program of every checkout that has the same targets.
func (f *Files) Program() (string, error) {
	if f == nil {
		return f.readProgram()
	}
	// It was touched just now, and is not remembered for that: without this it would be read for each who asks.
	f.self.once.Do(func() { f.self.sum, f.self.err = f.readProgram() })
	return f.self.sum, f.self.err
}

func (f *Files) readProgram() (string, error) {
	name, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding this program: %w", err)
	}
	return f.program(name, running)
}

func (f *Files) program(name, running string) (string, error) {
	file := name
	if _, err := os.Stat(running); err == nil {
		file = running
	}
	info, err := os.Stat(file)
	if err != nil {
		return "", fmt.Errorf("reading this program: %w", err)
	}
	return f.remember("program "+name, info, func() (string, error) {
		return sumSteady(file, info, func(os.FileInfo) string { return "" })
	})
}
