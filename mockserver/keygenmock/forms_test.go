package keygenmock

import (
	"math/rand/v2"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// What every request is read by is written out for speed. The expressions say what
// it must come to.
func TestFormsAreWhatTheirExpressionsSay(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for name, form := range map[string]struct {
		expression, letters string
		like                []string
		is                  func(string) bool
	}{
		"UUID": {
			`^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$`, "0aF9-gG\x00 é",
			[]string{"6e936a61-94ad-44d1-88ac-88da9f10eca7", "6E936A6194AD44D188AC88DA9F10ECA7"},
			func(s string) bool { _, is := canonicalUUID(s); return is },
		},
		"media type": {
			`^$|^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$`, "az09!#$&^_.+-/é\x00",
			[]string{"application/vnd.api+json", "a/b"},
			func(s string) bool { _, is := mediaType(s); return is },
		},
		"version": {`^v?1\.([0-8])$`, "v1.089", []string{"v1.8", "1.0"}, func(s string) bool { _, is := parseVersion(s); return is }},
		"slug":    {`^[a-z0-9][a-z0-9-]*$`, "az09-A\n", []string{"acme-1"}, core.IsSlug},
		"token":   {`v[123]$`, "v1234\n", []string{"prod-v3"}, looksLikeToken},
	} {
		expression := regexp.MustCompile(form.expression)
		seen := map[bool]int{}
		for range 20_000 {
			text := []byte(form.like[random.IntN(len(form.like))])
			for range random.IntN(3) {
				at, c := random.IntN(len(text)), form.letters[random.IntN(len(form.letters))]
				switch random.IntN(3) {
				case 0:
					text[at] = c
				case 1:
					text = append(text[:at], text[at+1:]...)
				default:
					text = append(text[:at], append([]byte{c}, text[at:]...)...)
				}
				if len(text) == 0 {
					break
				}
			}
			want := expression.Match(text)
			seen[want]++
			if !assert.Equal(t, want, form.is(string(text)), "%s %q", name, text) {
				break
			}
		}
		assert.Len(t, seen, 2, name)
	}
}
