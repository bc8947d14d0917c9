package audit

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
)

// secretRule says what makes a file one with credentials.
type secretRule struct {
	names   []string // ends of paths: "/.aws/credentials", "/.netrc"
	content string   // a regular expression that a line of it matches; "" if the name alone will do
	what    string
}

// secretRules are the files in which tools keep what they log in with. A name
// is not enough where such files are often harmless.
func secretRules() []secretRule {
	return []secretRule{
		{[]string{"/.aws/credentials"}, `(?i)aws_secret_access_key\s*=\s*\S`, "keys of AWS"},
		{[]string{"/.docker/config.json", "/.dockercfg"}, `"(auth|identitytoken|password)"\s*:\s*"[^"]`, "logins of container registries"},
		{[]string{"/.npmrc"}, `(?m)(_authToken|_auth|_password)\s*=\s*["']?[^\s"'$]`, "a token of npm"},
		{[]string{"/.yarnrc.yml"}, `npmAuthToken:\s*["']?[^\s"'$]`, "a token of npm"},
		{[]string{"/.pypirc"}, `(?m)^\s*password\s*[:=]\s*\S`, "a password of a Python package index"},
		{[]string{"/.netrc", "/_netrc"}, `(?m)\bpassword\s+\S`, "passwords of other machines"},
		{[]string{"/.git-credentials"}, `://[^/\s:]*:[^@\s]+@`, "passwords of git"},
		{[]string{"/application_default_credentials.json"}, `"(refresh_token|private_key)"\s*:`, "a login of Google Cloud"},
		{[]string{"/.kube/config"}, `(?m)^\s*(token|password|client-key-data):\s*\S`, "a login of a Kubernetes cluster"},
		{[]string{"/.cargo/credentials", "/.cargo/credentials.toml"}, `token\s*=\s*"[^"]`, "a token of a Rust registry"},
		{[]string{"/.gem/credentials"}, `(?m)^:\w+:\s*\S`, "a key of RubyGems"},
		{[]string{"/.m2/settings.xml"}, `<password>[^<${]`, "a password of a Maven repository"},
		{[]string{"/.config/gh/hosts.yml"}, `oauth_token:\s*\S`, "a token of GitHub"},
		{[]string{"/.azure/accessTokens.json", "/.azure/msal_token_cache.json"}, `"(accessToken|secret)"\s*:`, "a login of Azure"},
		{[]string{"/.terraform.d/credentials.tfrc.json"}, `"token"\s*:\s*"[^"]`, "a token of Terraform"},
		{[]string{"/.pgpass"}, `(?m)^[^#\s][^:]*:[^:]*:[^:]*:[^:]*:\S`, "passwords of PostgreSQL"},
		{[]string{"/.my.cnf"}, `(?m)^\s*password\s*=\s*\S`, "a password of MySQL"},
		{[]string{"/.vault-token"}, `\S`, "a token of Vault"},
		{
			[]string{"/.env", "/.env.local", "/.env.production", "/.env.prod", "/.env.staging", "/.env.development"},
			`(?m)^\s*(?:export\s+)?[A-Z0-9_]*(?:SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY)[A-Z0-9_]*\s*=\s*["']?[^\s"'$<{]{6}`,
			"secrets of an application",
		},
	}
}

// mayHoldSecrets reports whether checks want to read a file of that name.
func mayHoldSecrets(name string) bool {
	if keyName(name) {
		return true
	}
	if !mayHaveRule(name) {
		return false
	}
	_, ok := ruleFor(secretRules(), name)
	return ok
}

// mayHaveRule is false for nearly all of a million files.
func mayHaveRule(name string) bool {
	return strings.Contains(name, "/.") || strings.HasSuffix(name, "/_netrc") || strings.HasSuffix(name, "/application_default_credentials.json")
}

// ruleFor is the rule for files of that name.
func ruleFor(rules []secretRule, name string) (secretRule, bool) {
	if !mayHaveRule(name) {
		return secretRule{}, false
	}
	i := slices.IndexFunc(rules, func(r secretRule) bool {
		return slices.ContainsFunc(r.names, func(end string) bool { return strings.HasSuffix(name, end) })
	})
	if i < 0 {
		return secretRule{}, false
	}
	return rules[i], true
}

// keyName reports names under which private keys are kept.
func keyName(name string) bool {
	base := path.Base(name)
	switch path.Ext(base) {
	case ".pem", ".key", ".p8", ".ppk", ".pk8":
		return true
	case ".json": // keys of service accounts are saved under names of all kinds; these are the common ones
		return strings.Contains(base, "credential") || strings.Contains(base, "service") || strings.Contains(base, "secret")
	}
	return strings.HasPrefix(base, "id_") && path.Ext(base) == "" || strings.HasPrefix(base, "ssh_host_") && path.Ext(base) == ""
}

// privateKey is a key as PEM has it, by itself in its line and followed by the
// key: programs that can read one have such lines in their texts, without a key.
var privateKey = regexp.MustCompile(`(?m)^-----BEGIN ((?:[A-Z0-9]+ )*)PRIVATE KEY(?: BLOCK)?-----\r?\n(?:[A-Za-z-]+: .*\r?\n|\r?\n)*[A-Za-z0-9+/=]{24}`)

// serviceAccount is the key of a robot of Google Cloud's.
var serviceAccount = regexp.MustCompile(`"private_key"\s*:\s*"-----BEGIN [A-Z ]*PRIVATE KEY-----\\n[A-Za-z0-9+/=]{24}`)

// placeholder is what stands in examples where a secret belongs.
var placeholder = regexp.MustCompile(`(?i)change[-_ ]?me|example|your[-_ ]|placeholder|xxxx|dummy|replace|secret_here|\.\.\.`)

// secret tells of private keys and credentials, once for each file.
func (h hygiene) secret(e *Entry) []Finding {
	if e.File == nil || e.File.Program != nil || len(e.File.Names) > 1 && e.File.Names[0] != e.Path {
		return nil
	}
	text := e.File.Text
	if text == nil {
		text = e.File.Head
	}
	if len(text) == 0 {
		return nil
	}
	severity, where := Warning, ""
	if sample(e.Path) {
		severity, where = Note, ", most likely a test's"
	}
	var m [][]byte
	if bytes.Contains(text, []byte("PRIVATE KEY")) { // or the expressions look at each line of each certificate
		m = privateKey.FindSubmatch(text)
	}
	if m != nil {
		what := "holds a private key"
		if bytes.Contains(m[0], []byte("ENCRYPTED")) {
			what = "holds an encrypted private key"
		}
		return []Finding{h.inv.finding(e, IDPrivateKey, severity, what+where, "leave it out, and mount it when the container is started; a key that was published is to be replaced")}
	}
	if bytes.HasPrefix(text, []byte("PuTTY-User-Key-File-")) {
		return []Finding{h.inv.finding(e, IDPrivateKey, severity, "holds a private key of PuTTY's"+where, "leave it out; a key that was published is to be replaced")}
	}
	what := ""
	if rule, ok := ruleFor(h.rules, e.Path); ok {
		if found := regexp.MustCompile(rule.content + `[^\r\n]*`).Find(text); found != nil && !placeholder.Match(found) {
			what = rule.what
		}
	}
	if what == "" && bytes.Contains(text, []byte("PRIVATE KEY")) && serviceAccount.Match(text) {
		what = "the key of a service account of Google Cloud"
	}
	if what == "" {
		return nil
	}
	return []Finding{h.inv.finding(e, IDCredentials, severity, "holds "+what+where,
		"leave it out, and hand it over when the container is started (for a build: a build secret); what was published is to be replaced")}
}

// sample reports folders of tests and documents, whose keys open nothing.
func sample(name string) bool {
	for part := range strings.SplitSeq(strings.ToLower(path.Dir(name)), "/") {
		switch part {
		case "test", "tests", "testing", "testdata", "test_data", "fixtures", "fixture", "example", "examples", "sample", "samples", "doc", "docs", "demo", "demos", "spec", "__tests__", "certdata":
			return true
		}
	}
	return false
}
