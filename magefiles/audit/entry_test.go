package audit

import (
	"io/fs"
	"strings"
	"testing"
)

// shop is an image that is right: its twins of the tests are wrong in one thing.
func shop() stage {
	s := newStage("linux/arm64").glibc()
	s.text("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:10001:10002::/app:/bin/sh\n")
	s.text("/etc/group", "root:x:0:\nwheel:x:10:root,app\napp:x:10002:\n")
	s.link("/bin", "usr/bin")
	s.program("/usr/bin/dash", "arm64")
	s.link("/usr/bin/sh", "dash")
	s.program("/usr/bin/env", "arm64")
	s.program("/app/bin/server", "arm64")
	s.script("/app/run.sh", "#!/bin/sh -e\nexec server\n")
	s.Config = &Config{Entrypoint: []string{"/app/bin/server"}, User: "app", WorkingDir: "/app", Env: []string{"PATH=/usr/bin:/app/bin"}, Ports: []string{"8082/tcp"}}
	return s
}

func (s stage) script(name, text string) *Entry {
	e := s.text(name, text)
	e.Mode, e.File.Text = 0o755, nil
	e.File.Head = e.File.Head[:min(len(e.File.Head), headKept)]
	return e
}

func TestCheckEntrypoint(t *testing.T) {
	t.Parallel()
	start := func(words ...string) func(stage) { return func(s stage) { s.Config.Entrypoint = words } }
	for name, c := range map[string]struct {
		change func(stage)
		want   string // with part of the message
	}{
		"absolute":                {func(stage) {}, ""},
		"by PATH":                 {start("server", "--port=1"), ""},
		"relative":                {start("bin/server"), ""},
		"dots":                    {start("./bin/../run.sh"), ""},
		"script":                  {start("/app/run.sh"), ""},
		"shell form":              {start("/bin/sh", "-c", "x"), ""},
		"command":                 {func(s stage) { s.Config.Entrypoint, s.Config.Command = nil, []string{"server"} }, ""},
		"nothing":                 {func(s stage) { s.Config.Entrypoint = nil }, "note entrypoint /: neither"},
		"empty":                   {start(""), "error entrypoint /: empty word"},
		"missing":                 {start("/app/bin/other"), "error entrypoint /app/bin/other: is not in the image"},
		"missing in PATH":         {start("other"), "error entrypoint /other: in no folder of PATH"},
		"no PATH":                 {func(s stage) { s.Config.Env = nil; start("server")(s) }, "error entrypoint /server: in no folder of PATH"},
		"missing, partial":        {func(s stage) { s.Partial = true; start("other")(s) }, ""},
		"from the kernel":         {start("/proc/self/exe"), ""},
		"dangling link":           {func(s stage) { s.link("/run", "/nowhere"); start("/app/x")(s); s.link("/app/x", "/nowhere") }, "error entrypoint /app/x: is not in the image"},
		"link loop":               {func(s stage) { s.link("/app/x", "x"); start("/app/x")(s) }, "error entrypoint /app/x: is not in the image"},
		"folder":                  {start("/app"), "error entrypoint /app: is a folder"},
		"device":                  {func(s stage) { s.add("/app/null", fs.ModeDevice|0o755, nil); start("/app/null")(s) }, "error entrypoint /app/null: no regular file"},
		"not executable":          {func(s stage) { s.Files["/app/bin/server"].Mode = 0o644 }, "error entrypoint /app/bin/server: not executable (mode 0644)"},
		"not executable, by PATH": {func(s stage) { s.Files["/app/bin/server"].Mode = 0o644; start("server")(s) }, "error entrypoint /app/bin/server: not executable"},
		"root's":                  {func(s stage) { s.Files["/app/bin/server"].Mode = 0o744 }, "error entrypoint /app/bin/server: may not be executed by user app"},
		"root's, as root":         {func(s stage) { s.Files["/app/bin/server"].Mode = 0o744; s.Config.User = "" }, ""},
		"the group's":             {func(s stage) { e := s.Files["/app/bin/server"]; e.Mode, e.GID = 0o750, 10 }, ""},
		"not the group's":         {func(s stage) { e := s.Files["/app/bin/server"]; e.Mode, e.GID = 0o750, 10; s.Config.User = "app:app" }, "error entrypoint /app/bin/server: may not"},
		"the owner may not":       {func(s stage) { e := s.Files["/app/bin/server"]; e.Mode, e.UID = 0o677, 10001 }, "error entrypoint /app/bin/server: may not"},
		"unknown owner":           {func(s stage) { e := s.Files["/app/bin/server"]; e.Mode, e.UID = 0o700, -1 }, ""},
		"closed folder":           {func(s stage) { s.Files["/app"].Mode = fs.ModeDir | 0o700 }, "error entrypoint /app/bin/server: folder /app has mode 0700"},
		"closed folder, root":     {func(s stage) { s.Files["/app"].Mode = fs.ModeDir | 0o700; s.Config.User = "0:0" }, ""},
		"empty file":              {func(s stage) { s.script("/app/x", ""); start("/app/x")(s) }, "error entrypoint /app/x: is empty"},
		"no shebang":              {func(s stage) { s.script("/app/x", "echo\n"); start("/app/x")(s) }, "error entrypoint /app/x: exec format error"},
		"windows line ends":       {func(s stage) { s.script("/app/x", "#!/bin/sh\r\nexit\r\n"); start("/app/x")(s) }, "error entrypoint /app/x: Windows line ends"},
		"interpreter missing":     {func(s stage) { s.script("/app/x", "#! /bin/bash -e\n"); start("/app/x")(s) }, "error entrypoint /bin/bash: interpreter \"/bin/bash\" of /app/x is not in the image"},
		"interpreter's mode":      {func(s stage) { s.Files["/usr/bin/dash"].Mode = 0o644; start("/app/run.sh")(s) }, "error entrypoint /usr/bin/dash: not executable"},
		"empty shebang":           {func(s stage) { s.script("/app/x", "#!\n"); start("/app/x")(s) }, "error entrypoint /app/x: empty"},
		"env":                     {func(s stage) { s.script("/app/x", "#!/usr/bin/env sh\n"); start("/app/x")(s) }, ""},
		"env -S":                  {func(s stage) { s.script("/app/x", "#!/usr/bin/env -S A=b sh -e\n"); start("/app/x")(s) }, ""},
		"env, missing":            {func(s stage) { s.script("/app/x", "#!/usr/bin/env python3\n"); start("/app/x")(s) }, "error entrypoint /python3: \"python3\", which env starts for /app/x"},
		"env, two words":          {func(s stage) { s.script("/app/x", "#!/usr/bin/env sh -e\n"); start("/app/x")(s) }, "error entrypoint /app/x: program named \"sh -e\""},
		"env, line ends":          {func(s stage) { s.script("/app/x", "#!/usr/bin/env sh\r\n"); start("/app/x")(s) }, "error entrypoint /app/x: Windows line ends"},
		"too long":                {func(s stage) { s.script("/app/x", "#!/"+strings.Repeat("long/", 60)+"\n"); start("/app/x")(s) }, "error entrypoint /app/x: longer than"},
		"long arguments":          {func(s stage) { s.script("/app/x", "#!/bin/sh "+strings.Repeat("long ", 60)+"\n"); start("/app/x")(s) }, ""},
		"nested":                  {func(s stage) { s.script("/app/x", "#!/app/run.sh\n"); start("/app/x")(s) }, ""},
		"nested for ever":         {func(s stage) { s.script("/app/x", "#!/app/x\n"); start("/app/x")(s) }, "error entrypoint /app/x: without end"},
		"script not readable":     {func(s stage) { s.Files["/app/run.sh"].Mode = 0o711; start("/app/run.sh")(s) }, "error entrypoint /app/run.sh: may not read"},
		"no working dir":          {func(s stage) { s.Config.WorkingDir = "/srv/x" }, "note entrypoint /srv/x: working directory"},
		"working dir a file":      {func(s stage) { s.Config.WorkingDir = "/app/run.sh" }, "error entrypoint /app/run.sh: no folder"},
		"no such user":            {func(s stage) { s.Config.User = "nobody"; s.Files["/app/bin/server"].Mode = 0o700 }, ""},
		"windows":                 {func(s stage) { s.Platform = "windows/amd64"; start("c:\\x")(s) }, ""},
		"no config":               {func(s stage) { s.Config = nil }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := shop()
			c.change(s)
			want, message, _ := strings.Cut(c.want, ": ")
			got := checkEntrypoint(s.Inventory)
			if want == "" {
				expect(t, got)
				return
			}
			expect(t, got, want)
			if len(got) > 0 && !strings.Contains(got[0].Message, message) {
				t.Errorf("message %q does not say %q", got[0].Message, message)
			}
		})
	}
}

func TestCheckUser(t *testing.T) {
	t.Parallel()
	for user, want := range map[string]string{
		"": "", "app": "", "10001": "", "4711": "", "4711:4711": "", "app:wheel": "", "app:": "", "root": "", "10001:wheel": "",
		"nobody": `user "nobody"`, "app:nogroup": `group "nogroup"`, "-5": "negative",
	} {
		s := shop()
		s.Config.User = user
		got := checkUser(s.Inventory)
		if want == "" {
			expect(t, got)
			continue
		}
		expect(t, got, "error user /etc/passwd")
		if !strings.Contains(got[0].Message, want) {
			t.Errorf("%q: %q", user, got[0].Message)
		}
		delete(s.Files, "/etc/passwd")
		delete(s.Files, "/etc/group")
		if s.Partial = true; user != "-5" {
			expect(t, checkUser(s.Inventory))
		}
	}
	s := shop()
	s.Config.User = "app"
	if who, _ := s.identity(); who.uid != 10001 || len(who.groups) != 2 || who.groups[1] != 10 {
		t.Errorf("%+v", who)
	}
}

func TestCheckPorts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"8082/tcp": nil, "8082": nil, "53000/udp 53000/tcp": nil, "7000-7010": nil, "1/sctp": {"note port /"},
		"0": {"error port /"}, "65536/tcp": {"error port /"}, "x": {"error port /"}, "80/icmp": {"error port /"}, "70-60": {"error port /"}, "-1": {"error port /"},
		"8080 8080/tcp": {"warning port /"}, "80/tcp 443/tcp": {"note port /", "note port /"},
	} {
		s := shop()
		s.Config.Ports = strings.Fields(text)
		expect(t, checkPorts(s.Inventory), want...)
	}
}
