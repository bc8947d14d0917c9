package kube

import "regexp"

// Redact hides what looks like a secret in free text from a cluster: log lines,
// events, messages. It errs on the side of hiding.
func Redact(text string) string {
	text = secretURL.ReplaceAllString(text, "${1}***@")
	text = secretHeader.ReplaceAllString(text, "${1}***")
	text = secretToken.ReplaceAllString(text, "***")
	return secretPair.ReplaceAllString(text, "${1}***")
}

var (
	// https://user:password@host
	secretURL = regexp.MustCompile(`(://[^/\s:@]*:)[^/\s@]+@`)
	// Authorization: Bearer xyz
	secretHeader = regexp.MustCompile(`(?i)\b((?:bearer|basic) )[A-Za-z0-9._~+/=-]{6,}`)
	// A JSON web token, whatever stands before it.
	secretToken = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`)
	// password=xyz, "api_key": "xyz"
	secretPair = regexp.MustCompile(`(?i)((?:password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)["']?\s*[=:]\s*["']?)[^\s"',;&]+`)
)
