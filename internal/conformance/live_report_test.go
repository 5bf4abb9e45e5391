package conformance

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// liveReport is what a run has found out.
type liveReport struct {
	vendor     *liveVendor
	set        liveSettings
	run        string
	calls      int
	findings   []*finding
	left       []*thing // that are still there
	doubts     []*thing // that may be there
	departures []string
	mishaps    []string
}

// rules are the ids of the rules with a verdict, without the vendor's name.
func (r liveReport) rules(verdict string) []string {
	var ids []string
	for _, f := range r.findings {
		if f.verdict() == verdict {
			ids = append(ids, strings.TrimPrefix(f.rule.ID, r.vendor.name+"."))
		}
	}
	return ids
}

// String is the report for people; see patch for that for the table of rules.
func (r liveReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, asked by %s in %d calls\n\n", r.vendor.title, r.run, r.calls)
	for _, verdict := range verdicts {
		fmt.Fprintf(&b, "%5d rules %-18s %s\n", len(r.rules(verdict)), verdict, r.sources(verdict))
	}
	r.writeRefuted(&b)
	section(&b, "STILL THERE: remove by hand what bears these marks", describe(r.left))
	section(&b, "MAYBE THERE: the answers to their creation were lost; look for these marks in some minutes", describe(r.doubts))
	section(&b, "answers that are not as openapi/"+r.vendor.name+".yaml has them", r.departures)
	section(&b, "mishaps of the run itself", r.mishaps)
	section(&b, "not asked", r.reasons())
	return r.scrub(b.String())
}

// sources counts the rules with a verdict by how well they were known.
func (r liveReport) sources(verdict string) string {
	counts := map[string]int{}
	for _, f := range r.findings {
		if f.verdict() == verdict {
			counts[f.rule.Source]++
		}
	}
	return fmt.Sprintf("(assumed %d, observed %d, documented %d)", counts["assumed"], counts["observed"], counts["documented"])
}

func (r liveReport) writeRefuted(b *strings.Builder) {
	var lines []string
	for _, f := range r.findings {
		if f.verdict() != refuted {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s (%s): %s", f.rule.ID, f.rule.Source, f.rule.Statement))
		for _, c := range f.differed {
			lines = append(lines, fmt.Sprintf("    %s: %s\n      the mock:   %s\n      the vendor: %s", c.probe, c.about, c.mock, c.vendor))
		}
	}
	section(b, "REFUTED", lines)
}

func section(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s:\n", title)
	for _, line := range lines {
		fmt.Fprintf(b, "  %s\n", line)
	}
}

func describe(things []*thing) []string {
	var lines []string
	for _, t := range things {
		lines = append(lines, fmt.Sprintf("%s %s: %s", t.kind, t.mark, cmp.Or(t.why, "nobody has removed it")))
	}
	return lines
}

// reasons tell why rules were not asked, with the rules.
func (r liveReport) reasons() []string {
	var whys []string
	rules := map[string][]string{}
	for _, f := range r.findings {
		if f.verdict() != notAsked {
			continue
		}
		if rules[f.why] == nil {
			whys = append(whys, f.why)
		}
		rules[f.why] = append(rules[f.why], strings.TrimPrefix(f.rule.ID, r.vendor.name+"."))
	}
	var lines []string
	for _, why := range whys {
		lines = append(lines, fmt.Sprintf("%s: %s", cmp.Or(why, "no probe asks"), strings.Join(rules[why], " ")))
	}
	return lines
}

// scrub hides what the environment has told. It is a second line of defence:
// nothing of it should have come so far.
func (r liveReport) scrub(text string) string {
	for _, secret := range r.vendor.secrets(r.set) {
		text = strings.ReplaceAll(text, base64.StdEncoding.EncodeToString([]byte("token:"+secret)), "[credential]")
		for _, form := range formsOf(secret) {
			text = strings.ReplaceAll(text, form, "[credential]")
		}
	}
	return text
}

// patch is a unified diff, without context, that turns the rules from assumed
// into observed that the vendor has confirmed. What is to be said of the others
// stands before it, where patch and git apply pass it over: what should be in the
// place of a rule that was refuted takes a human to say.
func (r liveReport) patch() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s, asked by %s\n", r.vendor.title, r.run)
	for _, f := range r.findings {
		switch f.verdict() {
		case refuted:
			fmt.Fprintf(&b, "# %s %s -> REFUTED\n", f.rule.ID, f.rule.Source)
		case inPart:
			fmt.Fprintf(&b, "# %s %s, confirmed in part (%s)\n", f.rule.ID, f.rule.Source, cmp.Or(f.partly, f.why))
		case notAsked:
			fmt.Fprintf(&b, "# %s %s, not asked\n", f.rule.ID, f.rule.Source)
		case confirmed:
			if f.rule.Source != "assumed" {
				fmt.Fprintf(&b, "# %s %s, confirmed\n", f.rule.ID, f.rule.Source)
			}
		}
	}
	for _, file := range ruleFiles(r.vendor.name) {
		r.patchFile(&b, file)
	}
	return r.scrub(b.String())
}

func (r liveReport) patchFile(b *strings.Builder, file string) {
	text, err := os.ReadFile(filepath.Join(repositoryRoot, filepath.FromSlash(file)))
	if err != nil {
		fmt.Fprintf(b, "# %s cannot be read\n", file)
		return
	}
	var hunks strings.Builder
	for i, line := range strings.Split(string(text), "\n") {
		declared := assumedRule.FindStringSubmatch(line)
		if declared == nil {
			continue
		}
		id := r.vendor.name + "." + declared[1]
		if !slices.ContainsFunc(r.findings, func(f *finding) bool { return f.rule.ID == id && f.verdict() == confirmed }) {
			continue
		}
		fmt.Fprintf(&hunks, "@@ -%d +%d @@ %s assumed -> observed\n-%s\n+%s\n", i+1, i+1, id, line, strings.Replace(line, "rule(asm,", "rule(obs,", 1))
	}
	if hunks.Len() > 0 {
		fmt.Fprintf(b, "--- a/%s\n+++ b/%s\n%s", file, file, hunks.String())
	}
}

// repositoryRoot is where the tests of this package find the repository.
const repositoryRoot = "../.."

// assumedRule is how a rule is declared that nothing is known of.
var assumedRule = regexp.MustCompile(`rule\(asm, "([^"]+)"`)

// ruleFiles are the files that may declare rules of a vendor.
func ruleFiles(vendor string) []string {
	found, _ := filepath.Glob(filepath.Join(repositoryRoot, "mockserver", vendor+"mock", "*.go"))
	var files []string
	for _, file := range found {
		if !strings.HasSuffix(file, "_test.go") {
			files = append(files, "mockserver/"+vendor+"mock/"+filepath.Base(file))
		}
	}
	return files
}

// faultsOf are the single faults that a contract finds, without the values that
// are at fault.
func faultsOf(err error) []string {
	var many openapi3.MultiError
	var schema *openapi3.SchemaError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &schema) && !errors.As(err, &many):
		return []string{strings.TrimPrefix(strings.Join(schema.JSONPointer(), ".")+": "+schemaFault(schema), ": ")}
	case errors.As(err, &many):
		var faults []string
		for _, one := range many {
			faults = append(faults, faultsOf(one)...)
		}
		return faults
	default:
		return []string{err.Error()}
	}
}

func schemaFault(e *openapi3.SchemaError) string {
	if e.SchemaField == "properties" || e.SchemaField == "required" || e.SchemaField == "type" {
		return e.Reason
	}
	return "not as its " + e.SchemaField + " wants it"
}
