package debian

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"path"
	"strings"
)

const bundle = "etc/ssl/certs/ca-certificates.crt"

// certificates does what update-ca-certificates(8) does on a fresh system: all
// that the ca-certificates package ships, in one file, which is where OpenSSL, Go
// and curl look. The hashed links beside it are for programs that are pointed at
// a folder; none is.
func (t *Tree) certificates() error {
	const shipped = "usr/share/ca-certificates"
	dir, err := t.walk(shipped, true, false)
	if err != nil {
		return errors.New(`generating the CA bundle: no package ships certificates; add "ca-certificates" to the packages, or do not ask for the bundle`)
	}
	var all bytes.Buffer
	var names strings.Builder
	dir.all(func(n *node) {
		if n.file == nil || path.Ext(n.name) != ".crt" || err != nil {
			return
		}
		name := strings.TrimPrefix(n.path(), shipped+"/")
		block, _ := pem.Decode(n.file.data)
		if block == nil || block.Type != "CERTIFICATE" {
			err = fmt.Errorf("generating the CA bundle: %q is no PEM certificate", name)
			return
		}
		all.Write(bytes.TrimRight(n.file.data, "\n"))
		all.WriteByte('\n')
		names.WriteString(name + "\n")
	})
	if err != nil {
		return err
	}
	if all.Len() == 0 {
		return fmt.Errorf("generating the CA bundle: %q holds no certificate", "/"+shipped)
	}
	if err := t.write(bundle, 0o644, all.Bytes()); err != nil {
		return err
	}
	// So that update-ca-certificates, in an image on top, keeps what is there.
	if err := t.write("etc/ca-certificates.conf", 0o644, []byte(names.String())); err != nil {
		return err
	}
	return t.symlink("usr/lib/ssl/cert.pem", "/"+bundle) // OpenSSL's default file
}
