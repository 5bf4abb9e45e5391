package conformance_test

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// claims says for every block of code in a document what sees to it that it is
// right: the file that has the same code, so that the compiler reads it; or the
// test that makes its calls or prints it, as "folder:Test", or the function of a script. Blocks are named by
// their document and the beginning of their first line.
var claims = []claim{
	{"README.md", "go run ./examples/quickstart", "examples/quickstart:Example_story"},
	{"README.md", "go get ", unproved},
	{"README.md", "client, err := junkie.New(", "junkie/readme_test.go"},
	{"README.md", "client, err := luaprot.New(", "luaprot/readme_test.go"},
	{"README.md", "client, err := keygen.New(", "keygen/readme_test.go"},
	{"README.md", "client, err := keycrate.New(", "keycrate/readme_test.go"},
	{"README.md", "func TestAKeyExpires(", "mockserver/readme_test.go"},
	{"README.md", "s.Inject(", "mockserver/readme_test.go"},
	{"README.md", "go install ", "mockserver/cmd/mockserver:TestReadmeCommands"},
	{"README.md", "go run ./mockserver/cmd/mockserver", "mockserver:TestReadmeCommands"},

	{"RETRIES.md", "func createKey(", "junkie/readme_test.go"},
	{"RETRIES.md", "func issue(", "junkie/readme_test.go"},
	{"RETRIES.md", "func admit(", "luaprot/readme_test.go"},
	{"RETRIES.md", "func deliver(", "keygen/readme_test.go"},
	{"RETRIES.md", "func renew(", "keycrate/readme_test.go"},
	{"RETRIES.md", "for _, side := range", "junkie/readme_test.go"},

	{"mockserver/README.md", "go install ", "mockserver/cmd/mockserver:TestReadmeCommands"},
	{"mockserver/README.md", "curl ", "mockserver:TestReadmeCommands"},

	{"examples/bulk/README.md", "go -C examples/bulk run .", "examples/bulk:TestDemonstration"},
	{"examples/bulk/README.md", "A run that loses", "examples/bulk:TestDemonstration"},
	{"examples/bulk/README.md", "order_id,policy,days,key", "examples/bulk:TestOrdersAreRead"},
	{"examples/bulk/README.md", "mkdir -p .cache", ".ci/documents:bulk"},
	{"examples/bulk/README.md", "// LicenseID makes", "examples/bulk/orders.go"},

	{"examples/discordbot/README.md", "go run ./examples/discordbot", "examples/discordbot:TestReadme"},
	{"examples/discordbot/README.md", "LuaProt", "examples/discordbot:TestReadme"},
	{"examples/discordbot/README.md", "type Command ", "examples/discordbot/bot.go"},
	{"examples/discordbot/README.md", "commands := ", "examples/discordbot:TestReadme"},

	{"examples/fulfilment/README.md", "go run ./examples/fulfilment", "examples/fulfilment:TestStory"},
	{"examples/fulfilment/README.md", "Junkie", "examples/fulfilment:TestStory"},
	{"examples/fulfilment/README.md", "shop := ", "examples/fulfilment/serve.go"},
	{"examples/fulfilment/README.md", "// Seller ", "examples/fulfilment/shop.go"},
	{"examples/fulfilment/README.md", "export WEBHOOK_SECRET", ".ci/documents:fulfilment"},
	{"examples/fulfilment/README.md", "body=", ".ci/documents:fulfilment"},

	{"examples/migrate/README.md", "go run ./examples/migrate", "examples/migrate:TestStory"},
	{"examples/migrate/README.md", "From Junkie to Keygen", "examples/migrate:TestStory"},
	{"examples/migrate/README.md", "export KEYGEN_ACCOUNT", ".ci/documents:migrate"},
	{"examples/migrate/README.md", "// Target is", "examples/migrate/migrate.go"},

	{"examples/testing/README.md", "go test ./examples/testing", "examples/testing:TestReadme"},
	{"examples/testing/README.md", "2026-01-01", "examples/testing:TestReadme"},
	{"examples/testing/README.md", "func (s *stage) gate(", "examples/testing/app_test.go"},
	{"examples/testing/README.md", "func TestALicenseExpires(", "examples/testing/app_test.go"},

	{"examples/node/README.md", "go run ./mockserver/cmd/mockserver exec", ".ci/run:gate_languages"},
	{"examples/python/README.md", "go run ./mockserver/cmd/mockserver exec", ".ci/run:gate_languages"},

	{"openapi/README.md", "go generate ./openapi", ".ci/run:gate_generate"},
	{"internal/bench/README.md", "go test ", ".ci/run:gate_nested"},

	{"CONTRIBUTING.md", "go test ./...", ".ci/run:gate_test"},
	{"CONTRIBUTING.md", "export KEYSMITH_LIVE_JUNKIE_BASE_URL", "internal/conformance:TestLiveRefusesAnIncompleteEnvironment"},
	{"CONTRIBUTING.md", "git apply ", "internal/conformance:TestLiveWithAVendorLikeTheMock"},
	{"CONTRIBUTING.md", "KEYSMITH_LIVE=mockserver", "internal/conformance:TestLiveWithAVendorLikeTheMock"},
	{"CONTRIBUTING.md", "go generate ", ".ci/run:gate_generate"},
	{"CONTRIBUTING.md", "bash .ci/run --update-deps", ".ci/run:gate_deps"},
}

// unproved is for what needs a network: go get and go install alone.
const unproved = ""

type claim struct{ document, begins, by string }

// block is a block of code in a document.
type block struct {
	document string
	lines    []string
}

// TestEveryBlockOfCodeIsProved walks over all documents.
func TestEveryBlockOfCodeIsProved(t *testing.T) {
	t.Parallel()
	used := map[claim]bool{}
	for _, document := range files(t) {
		if path.Ext(document) != ".md" {
			continue
		}
		for _, b := range blocksOf(document, string(read(t, document))) {
			require.NotEmpty(t, b.lines, "%s has a block with nothing in it", document)
			at := slices.IndexFunc(claims, func(c claim) bool {
				return c.document == b.document && strings.HasPrefix(b.lines[0], c.begins)
			})
			if !assert.GreaterOrEqual(t, at, 0, "%s: no test is known for the code that begins with %q: claim it in this test", b.document, b.lines[0]) {
				continue
			}
			used[claims[at]] = true
			b.assertProved(t, claims[at].by)
		}
	}
	for _, c := range claims {
		assert.True(t, used[c], "%s has no block that begins with %q", c.document, c.begins)
	}
}

func (b block) assertProved(t *testing.T, by string) {
	t.Helper()
	folder, test, isTest := strings.Cut(by, ":")
	switch {
	case by == unproved:
		for _, line := range b.lines {
			assert.Regexp(t, `^go (get|install) `, line, "%s: only this may go without a test", b.document)
		}
	case path.Dir(folder) == ".ci":
		assert.Contains(t, string(read(t, folder)), "\n"+test+"() {", "%s: there is no such function in %s", b.document, folder)
	case isTest:
		assert.True(t, slices.ContainsFunc(goFiles(t), func(file string) bool {
			return path.Dir(file) == folder && strings.HasSuffix(file, "_test.go") && strings.Contains(string(read(t, file)), "\nfunc "+test+"(")
		}), "%s: there is no test %s in %s", b.document, test, folder)
	default:
		b.assertIn(t, by)
	}
}

// assertIn wants the lines of a block in a file, however far they are indented
// there, one after the other but for where the block says that it leaves
// something out.
func (b block) assertIn(t *testing.T, file string) {
	t.Helper()
	source := unindent(strings.Split(string(read(t, file)), "\n"))
	for _, part := range regexp.MustCompile(`(?m)^(// )?\.\.\..*$`).Split(unindent(b.lines), -1) {
		_, after, found := strings.Cut("\n"+source, "\n"+strings.Trim(part, "\n")+"\n")
		require.True(t, found, "%s shows what is not in %s, or not in this order:\n%s", b.document, file, part)
		source = after
	}
}

func unindent(lines []string) string {
	var plain strings.Builder
	for _, line := range lines {
		plain.WriteString(strings.TrimSpace(line) + "\n")
	}
	return plain.String()
}

// blocksOf returns the blocks of a document: what stands between fences, and each
// beginning of what is only indented.
func blocksOf(document, text string) (found []block) {
	var open *block
	var last string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		fence := strings.HasPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && open == nil:
			open = &block{document: document}
		case fence:
			found, open = append(found, *open), nil
		case open != nil:
			open.lines = append(open.lines, line)
		case last == "" && (strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t")):
			found = append(found, block{document, []string{line}})
		}
		last = line
	}
	return found
}

// TestLinksLead follows every link of a document to a file of the repository, and
// to the heading there.
func TestLinksLead(t *testing.T) {
	t.Parallel()
	known := files(t)
	link := regexp.MustCompile(`\]\(([^)\s]*)\)`)
	for _, document := range known {
		if path.Ext(document) != ".md" {
			continue
		}
		for _, found := range link.FindAllStringSubmatch(string(read(t, document)), -1) {
			target, heading, _ := strings.Cut(found[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			file := path.Join(path.Dir(document), target)
			if target == "" {
				file = document
			}
			leads := slices.ContainsFunc(known, func(name string) bool { return name == file || strings.HasPrefix(name, file+"/") })
			if assert.True(t, leads, "%s links to %s, which is not there", document, found[1]) && heading != "" {
				assert.Contains(t, headings(string(read(t, file))), heading, "%s links to %s: no such heading", document, found[1])
			}
		}
	}
}

// headings are those of a document, as links name them.
func headings(text string) (names []string) {
	left := regexp.MustCompile(`[^a-z0-9 -]`)
	for line := range strings.Lines(text) {
		if title, found := strings.CutPrefix(strings.TrimLeft(line, "#"), " "); found && strings.HasPrefix(line, "#") {
			name := left.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
			names = append(names, strings.ReplaceAll(name, " ", "-"))
		}
	}
	return names
}
