package debian

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp"
)

// The keys are those of Debian's debian-archive-keyring package, each exported by
// gpg --armor --export-options export-minimal: RSA for the archive and for
// security, ed25519 for the stable release.
//
//go:embed keys/*.asc
var archiveKeys embed.FS

// keyring reads ASCII-armoured public keys, or Debian's own when there are none.
func keyring(armoured []string) (openpgp.EntityList, error) {
	if len(armoured) == 0 {
		names, err := fs.Glob(archiveKeys, "keys/*.asc")
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			key, err := fs.ReadFile(archiveKeys, name)
			if err != nil {
				return nil, err
			}
			armoured = append(armoured, string(key))
		}
	}
	var all openpgp.EntityList
	for i, key := range armoured {
		list, err := openpgp.ReadArmoredKeyRing(strings.NewReader(key))
		if err != nil {
			return nil, fmt.Errorf("reading OpenPGP key %d of %d: %w; give it as gpg --armor --export writes it", i+1, len(armoured), err)
		}
		all = append(all, list...)
	}
	return all, nil
}
