package audit

import (
	"io/fs"
	"maps"
	"strings"
	"testing"
)

// key is in the form of a private key, and none.
func key(kind string) string {
	return "-----BEGIN " + kind + "PRIVATE KEY-----\n" + strings.Repeat("QUJDREVGR0hJSktMTU5PUFFSU1RVVldY", 2) + "\n-----END " + kind + "PRIVATE KEY-----\n"
}

func TestHygiene(t *testing.T) {
	t.Parallel()
	mode := func(m made, name string, mode fs.FileMode, layer int) *Entry {
		e := m.add(layer, name, "x")
		e.Mode = mode
		return e
	}
	for _, c := range []struct {
		name  string
		build func(m made)
		want  []string
	}{
		{"nothing", func(m made) { m.add(1, "/app/main.py", "print()") }, nil},
		{"setuid of the distribution", func(m made) {
			mode(m, "/usr/bin/su", 0o755|fs.ModeSetuid, 0)
			mode(m, "/usr/bin/chage", 0o755|fs.ModeSetgid, 0)
			mode(m, "/usr/bin/passwd", 0o755|fs.ModeSetuid, 0)
		}, []string{"note setuid linux/arm64 /usr/bin/chage"}},
		{"setuid of an application", func(m made) { mode(m, "/app/run", 0o755|fs.ModeSetuid, 1) }, []string{"warning setuid linux/arm64 /app/run"}},
		{"setuid beside the distribution's", func(m made) { mode(m, "/usr/local/bin/run", 0o755|fs.ModeSetuid, 0) }, []string{"warning setuid linux/arm64 /usr/local/bin/run"}},
		{"folders with setgid are common", func(m made) {
			m.put(&Entry{Path: "/var/mail", Mode: fs.ModeDir | fs.ModeSetgid | 0o775, Layer: 0})
		}, nil},
		{"world-writable", func(m made) {
			mode(m, "/app/data", 0o666, 1)
			m.put(&Entry{Path: "/app/open", Mode: fs.ModeDir | 0o777, Layer: 1})
			mode(m, "/app/open/file", 0o666, 1)
			m.put(&Entry{Path: "/tmp", Mode: fs.ModeDir | fs.ModeSticky | 0o777, Layer: 0})
			m.put(&Entry{Path: "/app/link", Mode: fs.ModeSymlink | 0o777, Link: "data", Layer: 1})
		}, []string{"warning world-writable linux/arm64 /app/data", "warning world-writable linux/arm64 /app/open"}},
		{"devices", func(m made) {
			m.put(&Entry{Path: "/dev/null", Mode: fs.ModeDevice | fs.ModeCharDevice | 0o666, Layer: 0})
			m.put(&Entry{Path: "/dev/zero", Mode: fs.ModeDevice | fs.ModeCharDevice | 0o666, Layer: 0})
			m.put(&Entry{Path: "/app/disk", Mode: fs.ModeDevice | 0o600, Layer: 1})
		}, []string{"note device linux/arm64 /dev/null", "warning device linux/arm64 /app/disk"}},
		{
			"a repository", func(m made) { m.add(1, "/app/.git/HEAD", "ref: refs/heads/main\n"); m.add(1, "/app/.git/config", "") },
			[]string{"warning git-folder linux/arm64 /app/.git"},
		},
		{"no repository", func(m made) {
			m.add(1, "/app/.github/HEAD", "x")
			m.add(1, "/app/.gitignore", "x")
			m.add(1, "/app/sub/.git", "gitdir: ../x")
		}, nil},
		{"keys", func(m made) {
			m.add(1, "/app/a.pem", key(""))
			m.add(1, "/app/b.key", "Bag Attributes\n"+key("RSA "))
			m.add(1, "/root/.ssh/id_ed25519", key("OPENSSH "))
			m.add(1, "/app/tests/c.pem", key("EC "))
			m.add(1, "/app/d.ppk", "PuTTY-User-Key-File-3: ssh-ed25519\n")
		}, []string{
			"warning private-key linux/arm64 /app/a.pem", "warning private-key linux/arm64 /app/b.key",
			"warning private-key linux/arm64 /root/.ssh/id_ed25519", "warning private-key linux/arm64 /app/d.ppk", "note private-key linux/arm64 /app/tests/c.pem",
		}},
		{"no keys", func(m made) {
			m.add(1, "/app/cert.pem", strings.ReplaceAll(key(""), "PRIVATE KEY", "CERTIFICATE"))
			m.add(1, "/app/pub.pem", strings.ReplaceAll(key(""), "PRIVATE", "PUBLIC"))
			m.add(1, "/app/code.py", "BEGIN = '-----BEGIN PRIVATE KEY-----'\nEND = '-----END PRIVATE KEY-----'\n")
			m.add(1, "/app/readme.md", "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n")
		}, nil},
		{"links", func(m made) {
			link := func(name, to string, layer int) {
				m.put(&Entry{Path: name, Mode: fs.ModeSymlink | 0o777, Link: to, Layer: layer})
			}
			m.add(1, "/app/real", "x")
			link("/app/absolute", "/app/real", 1)
			link("/app/up", "../app/real", 1)
			link("/app/out", "../../app/real", 1)
			link("/app/nowhere", "missing", 1)
			link("/app/later", "/run/socket", 1)
			link("/app/loop", "loop", 1)
			link("/usr/share/base", "missing", 0)
		}, []string{
			"note link-escape linux/arm64 /app/out", "note link-dangling linux/arm64 /app/nowhere", "note link-dangling linux/arm64 /app/loop",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := makeInventory("linux/arm64", "base", "app")
			m.add(0, "/var/lib/dpkg/status", "Package: x\n")
			c.build(m)
			wantBrief(t, checkHygiene(m.Inventory), c.want...)
		})
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path, text string
		found      bool
	}{
		{"/root/.aws/credentials", "[default]\naws_access_key_id = AKIA\naws_secret_access_key = abc\n", true},
		{"/root/.aws/credentials", "[default]\nrole_arn = x\n", false},
		{"/root/.docker/config.json", `{"auths":{"ghcr.io":{"auth":"dTpw"}}}`, true},
		{"/root/.docker/config.json", `{"credsStore":"osxkeychain","auths":{"ghcr.io":{}}}`, false},
		{"/app/.npmrc", "//registry.example/:_authToken=npm_abcdef\n", true},
		{"/app/.npmrc", "//registry.example/:_authToken=${NPM_TOKEN}\n", false},
		{"/app/.npmrc", "engine-strict=true\n", false},
		{"/root/.pypirc", "[pypi]\nusername = u\npassword = pypi-abc\n", true},
		{"/root/.netrc", "machine git.lan login me password pw\n", true},
		{"/root/.git-credentials", "https://me:token@git.lan\n", true},
		{"/root/.config/gcloud/application_default_credentials.json", `{"refresh_token": "1//x"}`, true},
		{"/app/service-account.json", `{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\nQUJDREVGR0hJSktMTU5PUFFSU1RVVldY"}`, true},
		{"/root/.kube/config", "users:\n- user:\n    token: abc\n", true},
		{"/root/.kube/config", "clusters: []\n", false},
		{"/app/.env", "DEBUG=1\nDJANGO_SECRET_KEY='s3cr3t-value'\n", true},
		{"/app/.env", "DEBUG=1\nSECRET_KEY=change-me-please\n", false},
		{"/app/.env", "DB_PASSWORD=${FROM_OUTSIDE}\n", false},
		{"/app/.env.example", "DJANGO_SECRET_KEY=s3cr3t-value\n", false},
		{"/app/settings.py", "DJANGO_SECRET_KEY=s3cr3t-value\n", false},
		{"/root/.pgpass", "db:5432:*:me:pw\n", true},
	} {
		m := makeInventory("linux/arm64", "app")
		m.add(0, c.path, c.text)
		var want []string
		if c.found {
			want = []string{"warning credentials linux/arm64 " + c.path}
		}
		wantBrief(t, checkHygiene(m.Inventory), want...)
		if c.found && !mayHoldSecrets(c.path) {
			t.Errorf("nobody keeps the text of %s", c.path)
		}
	}
}

// TestWhiteoutCheck: what a layer removes is told of where something needs it.
func TestWhiteoutCheck(t *testing.T) {
	t.Parallel()
	m := makeInventory("linux/arm64", "base", "app", "clean")
	m.binary(1, "/app/tool", "arm64", "tool").File.Program.Libraries = []string{"libgone.so.1", "libkept.so.1", "libmoved.so.1"}
	m.binary(0, "/usr/lib/libkept.so.1", "arm64", "kept")
	m.binary(1, "/app/lib/libmoved.so.1", "arm64", "moved")
	m.add(1, site+"/fast-1.dist-info/RECORD", "fast/__init__.py,sha256=x,1\nfast/gone.py,,\nfast/tests/t.py,,\n")
	m.put(&Entry{Path: "/app/link", Mode: fs.ModeSymlink, Link: "data", Layer: 1})
	m.Removed = map[string]Removal{}
	for _, name := range []string{"/usr/lib/libgone.so.1", "/usr/lib/libmoved.so.1", site + "/fast/gone.py", site + "/fast/tests/t.py", "/app/data", "/usr/share/doc/readme"} {
		m.Removed[name] = Removal{0, 2}
	}
	findings := checkHygiene(m.Inventory)
	wantBrief(t, findings, "warning whiteout linux/arm64 /app/link", "warning whiteout linux/arm64 /app/tool",
		"warning whiteout linux/arm64 "+site+"/fast-1.dist-info/RECORD")
	for _, f := range findings {
		if !strings.Contains(f.Message, `layer 0, "base", brought`) || !strings.Contains(f.Message, `layer 2, "clean", removes`) {
			t.Errorf("it does not say which layers: %s", f.Message)
		}
	}
}

// TestRemoved: an inventory knows what its layers took away, and what is back.
func TestRemoved(t *testing.T) {
	t.Parallel()
	inv, err := InspectImage(t.Context(), "linux/arm64", layers(
		tarOf(t, reg("a", nil), reg("b", nil), reg("d/c", nil), soft("l", "a"), reg("e", nil)),
		tarOf(t, reg(".wh.a", nil), reg(".wh.b", nil), reg("d/.wh..wh..opq", nil), reg(".wh.l", nil), reg("e", nil)),
		tarOf(t, reg("b", nil)),
	), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Removal{"/a": {0, 1}, "/d/c": {0, 1}, "/l": {0, 1}}
	if !maps.Equal(inv.Removed, want) {
		t.Errorf("removed are %v, want %v", inv.Removed, want)
	}
}
