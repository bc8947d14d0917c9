package targets

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/noetl/noetl/magefiles/oci"
	"github.com/noetl/noetl/magefiles/report"
	"github.com/noetl/noetl/magefiles/xbuild"
)

// signer is the program that signs, "" if nothing is to be signed. It is asked
// for before anything is built.
func (j *job) signer(f imageFlags) (string, error) {
	wanted := f.sign
	if v := j.env(j.EnvPrefix + "SIGN"); v != "" && !wanted {
		var err error
		if wanted, err = strconv.ParseBool(v); err != nil {
			return "", fmt.Errorf("reading %sSIGN: %q is neither true nor false", j.EnvPrefix, v)
		}
		wanted = wanted && f.push // of a build that is not published there is nothing to sign
	}
	switch {
	case !wanted:
		return "", nil
	case !f.push:
		return "", errors.New("signing the image: what is signed is what a registry has: add -push")
	}
	cosign, err := j.look()("cosign")
	if err != nil {
		return "", errors.New("signing the image: cosign is not installed; get it from https://docs.sigstore.dev/cosign/system_config/installation, or leave out -sign")
	}
	return cosign, nil
}

// sign hands what was pushed to cosign, by digest: a tag might point elsewhere by
// then. How it signs is cosign's own configuration: keyless where the
// environment has an identity, as in GitHub Actions.
func (j *job) sign(ctx context.Context, cosign string, pushed []oci.Pushed) error {
	if cosign == "" {
		return nil
	}
	return j.show.Step(ctx, "sign", func(ctx context.Context, s *report.Step) error {
		for _, p := range pushed {
			s.Detail(p.Ref)
			err := j.run(ctx, xbuild.Cmd{Name: cosign, Args: []string{"sign", "--yes", p.Ref}, Stdout: s.Log(), Stderr: s.Log()})
			if err != nil {
				return fmt.Errorf("signing %q, which is published: %w; run cosign sign --yes %s to sign it later", p.Ref, err, p.Ref)
			}
		}
		return nil
	})
}
