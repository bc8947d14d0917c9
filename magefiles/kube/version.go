package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// oldest is the minor version of kubectl 1 that has all that is used here.
const oldest = 28

// Versions of kubectl and of the cluster that it talks to.
type Versions struct{ Client, Server string }

// AskVersions asks both. It refuses a kubectl that is too old, and a cluster
// that does not answer.
func AskVersions(ctx context.Context, k Kubectl) (Versions, error) {
	out, err := k(ctx, []string{"version", "--output=json", "--request-timeout=8s"}, nil)
	var answer struct {
		ClientVersion, ServerVersion *struct{ GitVersion, Major, Minor string }
	}
	if json.Unmarshal(out, &answer) != nil || answer.ClientVersion == nil {
		if err == nil {
			err = errors.New("it prints no version")
		}
		return Versions{}, problem(ctx, "asking kubectl for its version", err)
	}
	v := Versions{Client: answer.ClientVersion.GitVersion}
	minor, perr := strconv.Atoi(strings.TrimRight(answer.ClientVersion.Minor, "+"))
	if perr == nil && answer.ClientVersion.Major == "1" && minor < oldest {
		return v, fmt.Errorf("asking kubectl for its version: it is %s, and 1.%d or newer is needed; get it from https://kubernetes.io/docs/tasks/tools", v.Client, oldest)
	}
	if err != nil || answer.ServerVersion == nil {
		if err == nil {
			err = errors.New("the connection was refused")
		}
		return v, problem(ctx, "asking the cluster for its version", err)
	}
	v.Server = answer.ServerVersion.GitVersion
	return v, nil
}
