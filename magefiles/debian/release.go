package debian

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// clockSkew is how far a host's clock may be off before a fresh release file
// looks expired or not yet made: a wrong time zone is a day at most.
const clockSkew = 24 * time.Hour

// release is what a verified InRelease says.
type release struct {
	suite, codename string
	architectures   []string
	byHash          bool
	allSeparate     bool // "Architecture: all" packages have an index of their own
	files           map[string]digest
}

// digest names the bytes of a file.
type digest struct {
	sha256 string // hex
	size   int64
}

// openRelease verifies an InRelease file, its signature, its dates and that it is
// about the suite asked for.
func openRelease(inRelease []byte, suite string, keys openpgp.EntityList, now time.Time) (*release, error) {
	text, err := verify(inRelease, keys, now)
	if err != nil {
		return nil, err
	}
	s, err := oneStanza(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("parsing the release file: %w", err)
	}
	r := &release{
		suite: s.get("Suite"), codename: s.get("Codename"),
		architectures: strings.Fields(s.get("Architectures")),
		byHash:        strings.EqualFold(s.get("Acquire-By-Hash"), "yes"),
	}
	if r.codename != suite && r.suite != suite {
		return nil, fmt.Errorf("checking the release file: it is about suite %q (code name %q), not %q; the mirror is wrong or broken, use another one", r.suite, r.codename, suite)
	}
	if err := checkDates(s, now); err != nil {
		return nil, err
	}
	noAll := strings.Contains(s.get("No-Support-for-Architecture-all"), "Packages")
	r.allSeparate = slices.Contains(r.architectures, "all") && !noAll
	r.files, err = parseDigests(s.get("SHA256"))
	return r, err
}

func verify(inRelease []byte, keys openpgp.EntityList, now time.Time) ([]byte, error) {
	if block, _ := clearsign.Decode(inRelease); block == nil {
		return nil, errors.New("checking the signature of the release file: it is not signed at all; what answers is no Debian mirror, or a proxy's login page")
	}
	// A file carries signatures of several keys. One good one suffices, as for
	// apt: so each known key is tried alone, and the first found does not decide.
	config := &packet.Config{Time: func() time.Time { return now.Add(clockSkew) }}
	var failure error
	for _, key := range keys {
		block, _ := clearsign.Decode(inRelease) // its signature can be read once only
		_, err := block.VerifySignature(openpgp.EntityList{key}, config)
		if err == nil {
			return block.Plaintext, nil
		}
		if !errors.Is(err, pgperrors.ErrUnknownIssuer) {
			failure = err
		}
	}
	if failure != nil {
		return nil, fmt.Errorf("checking the signature of the release file: %w; it was changed on its way, use another mirror", failure)
	}
	return nil, errors.New("checking the signature of the release file: none of its keys is known; the suite may be newer than the keys here (Debian's debian-archive-keyring has the current ones), or the mirror is not Debian's")
}

func checkDates(s stanza, now time.Time) error {
	made, err := releaseTime(s.get("Date"))
	if err != nil {
		return err
	}
	if made.After(now.Add(clockSkew)) {
		return fmt.Errorf("checking the release file: it is from the future (%s, and this host's clock says %s); set the clock", made.Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	if s.get("Valid-Until") == "" {
		return nil // stable releases stay valid
	}
	until, err := releaseTime(s.get("Valid-Until"))
	if err != nil {
		return err
	}
	if now.After(until.Add(clockSkew)) {
		return fmt.Errorf("checking the release file: it expired on %s; the mirror is out of date, use another one, or set this host's clock (%s)", until.Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	return nil
}

func releaseTime(s string) (time.Time, error) {
	// Always UTC, though written in two ways; the named zone would otherwise be read as an unknown one of offset 0.
	t, err := time.Parse("Mon, _2 Jan 2006 15:04:05 MST", s)
	if err != nil {
		t, err = time.Parse(time.RFC1123Z, s)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("checking the release file: %q is no date: %w", s, err)
	}
	return t.UTC(), nil
}

func parseDigests(value string) (map[string]digest, error) {
	files := map[string]digest{}
	for line := range strings.SplitSeq(value, "\n") {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if len(f) != 3 || !isSHA256(f[0]) {
			return nil, fmt.Errorf("parsing the release file: %q is no checksum line", line)
		}
		size, err := strconv.ParseInt(f[1], 10, 64)
		if err != nil || size < 0 {
			return nil, fmt.Errorf("parsing the release file: %q is no size", f[1])
		}
		files[f[2]] = digest{sha256: f[0], size: size}
	}
	if len(files) == 0 {
		return nil, errors.New("parsing the release file: it has no SHA-256 sums; the mirror is of a suite too old to be trusted")
	}
	return files, nil
}

func isSHA256(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}
