package targets

import (
	"fmt"
	"strings"
	"testing"

	"github.com/noetl/noetl/magefiles/audit"
)

// TestCheckTable holds the table of identifiers in the documentation against
// the checks.
func TestCheckTable(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("| identifier | what it finds | why it matters |\n|---|---|---|\n")
	for _, c := range audit.Checks() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", c.ID, strings.ReplaceAll(c.Title, "|", `\|`), strings.ReplaceAll(c.Explain, "|", `\|`))
	}
	generated(t, "../../documentation/docs/development/audit.md", "checks", b.String())
}
