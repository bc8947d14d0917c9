package xbuild

import "strings"

// untrusted is a server with a certificate that the tool does not trust, as
// each one has behind a proxy that opens the connection to look into it. set
// tells the tool where the certificates are that it is to trust.
func untrusted(set string) failure {
	return known(`(?i)SSL certificate problem|SSL peer certificate|server certificate verification failed|invalid peer certificate|reason: self[- ]signed certificate|SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF)|unable to verify the first certificate|CERTIFICATE_VERIFY_FAILED|certificate signed by unknown authority|certificate is not trusted|SEC_E_UNTRUSTED_ROOT|CERT_UNTRUSTED`,
		untrustedCure(set))
}

func untrustedCure(set string) string {
	return "the server's certificate is not trusted, as behind a company's proxy that looks into connections: get that proxy's CA certificate as a PEM file and " + set + "; never switch the check off"
}

// badClock is what a wrong clock looks like.
func badClock() failure {
	return known(`(?i)certificate (has )?expired|certificate is not yet valid|CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|not valid yet: verification time`,
		"the server's certificate is of another time: set this machine's clock right; if it is right, the server's certificate has run out")
}

func gitHint(output string) string {
	return firstCure(append(starved("git gc gives some back"),
		badClock(),
		untrusted("set GIT_SSL_CAINFO=FILE (or git config --global http.sslCAInfo FILE)"),
		knownBy(`detected dubious ownership in repository at '([^']+)'`, func(g []string) string {
			folder := g[1]
			if strings.Contains(folder, " ") {
				folder = `"` + folder + `"`
			}
			return "that folder belongs to somebody else: git config --global --add safe.directory " + folder
		}),
		known(`Could not resolve host|Failed to connect to|Connection refused|Connection timed out|Could not resolve proxy`,
			"the git server was not reached: check the network and the proxy (git config http.proxy, HTTPS_PROXY)"),
	), output)
}
