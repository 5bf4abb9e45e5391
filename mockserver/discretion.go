package mockserver

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// masked stands in the journal for what is not shown.
const masked = "***"

// minSecret is how many bytes a text has at least that gives a secret away. A
// shorter one would be found in every other text.
const minSecret = 4

// harmless are the headers that the journal shows of every vendor. Values of
// others are masked unless the vendor says that they are plain.
var harmless = []string{
	"Accept", "Accept-Encoding", "Accept-Language", "Allow", "Cache-Control", "Connection", "Content-Encoding", "Content-Length",
	"Content-Type", "Date", "Retry-After", "Server", "Transfer-Encoding", "User-Agent", "Vary",
}

// discretion is what a vendor says of its secrets.
type discretion struct {
	secret map[string]bool // by names; those it lacks are unknown
	isID   func(name, text string) bool
	keyed  []string // kinds of effects whose ids are license keys
}

func newDiscretion(world core.World) *discretion {
	var told core.Secrets
	if world, ok := world.(core.Discreet); ok {
		told = world.Secrets()
	}
	d := &discretion{secret: make(map[string]bool, len(told.Secret)+len(told.Plain)), isID: told.IsID, keyed: told.KeyedEffects}
	for _, name := range told.Plain {
		d.secret[name] = false
	}
	for _, name := range told.Secret {
		d.secret[name] = true
	}
	return d
}

// verdict says what becomes of a text.
type verdict uint8

const (
	unknown verdict = iota // masked
	fine                   // shown
	secret                 // masked, wherever it turns up
)

// judge decides about the text under a name.
func (d *discretion) judge(name, text string) verdict {
	isSecret, known := d.secret[name]
	switch {
	case text == "", known && !isSecret, isSecret && d.isID != nil && d.isID(name, text):
		return fine
	case isSecret:
		return secret
	default:
		return unknown
	}
}

// veil hides the secrets of one exchange. What is masked where it belongs may
// turn up elsewhere, too: a vendor repeats a key that it does not know.
type veil struct {
	*discretion
	found  []string
	mender *strings.Replacer // nil: nothing was found
}

// veilOf returns a veil over a request, and the bodies of it and its answer.
func (d *discretion) veilOf(req *core.Request, bodies ...[]byte) *veil {
	v := &veil{discretion: d}
	for name, values := range req.Header {
		for _, value := range values {
			if v.judge(name, value) == secret {
				v.hide(value)
				v.hide(credential(value))
			}
		}
	}
	for _, p := range pairs(req.RawQuery) {
		if v.judgePair(p) != fine {
			v.hide(p.value)
		}
	}
	for name, value := range req.Params {
		if v.judge(name, value) != fine {
			v.hide(value)
		}
	}
	for _, body := range bodies {
		if core.WellFormed(body) {
			rewriteJSON(body, v.findScalar)
		}
	}
	v.mend()
	return v
}

// credential is what a header has after the scheme.
func credential(value string) string {
	if _, rest, found := strings.Cut(value, " "); found {
		return strings.TrimSpace(rest)
	}
	return value
}

// hide has a text masked wherever it turns up, also in the forms of URLs.
func (v *veil) hide(text string) {
	if len(text) >= minSecret {
		v.found = append(v.found, text, url.QueryEscape(text), url.PathEscape(text))
	}
}

// mend makes ready to mask what was found, the longer texts first: they may
// have others within.
func (v *veil) mend() {
	if len(v.found) == 0 {
		return
	}
	slices.SortFunc(v.found, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	var replacements []string
	for _, text := range slices.Compact(v.found) {
		replacements = append(replacements, text, masked)
	}
	v.mender = strings.NewReplacer(replacements...)
}

// clear returns a text without the secrets of the exchange.
func (v *veil) clear(text string) string {
	if v.mender == nil {
		return text
	}
	return v.mender.Replace(text)
}

// findScalar looks for secrets in a document, and changes nothing.
func (v *veil) findScalar(s scalar) (string, bool) {
	if s.kind != memberName && v.judge(s.name, s.text) == secret {
		v.hide(s.text)
	}
	return "", false
}

// maskScalar masks a document. Numbers under unknown names are shown: they are
// what is counted, and no secrets.
func (v *veil) maskScalar(s scalar) (string, bool) {
	judged := v.judge(s.name, s.text)
	switch {
	case s.kind != memberName && judged == secret, s.kind == textValue && judged == unknown:
		return masked, true
	case s.kind == numberValue:
		return "", false
	default:
		cleared := v.clear(s.text)
		return cleared, cleared != s.text
	}
}

// pair is one parameter of a query.
type pair struct {
	raw, name, value string
	assigned, read   bool // has a value; could be read at all
}

func pairs(raw string) []pair {
	if raw == "" {
		return nil
	}
	var list []pair
	for text := range strings.SplitSeq(raw, "&") {
		p := pair{raw: text}
		name, value, assigned := strings.Cut(text, "=")
		var errs [2]error
		p.name, errs[0] = url.QueryUnescape(name)
		p.value, errs[1] = url.QueryUnescape(value)
		p.assigned, p.read = assigned, errs == [2]error{}
		if !assigned {
			p.value = p.name // a word by itself may be anything
		}
		list = append(list, p)
	}
	return list
}

// judgePair decides about a parameter.
func (d *discretion) judgePair(p pair) verdict {
	name := p.name
	if at := strings.IndexByte(name, '['); at > 0 {
		name = name[:at]
	}
	isSecret, known := d.secret[name]
	if !p.assigned && p.value != "" && (isSecret || !known) {
		return unknown
	}
	return d.judge(name, p.value)
}

// maskQuery returns a query with the values masked that are not fine, and
// parameters as a whole that cannot be read.
func (v *veil) maskQuery(raw string) string {
	list := pairs(raw)
	shown := make([]string, len(list))
	for i, p := range list {
		name, _, _ := strings.Cut(p.raw, "=")
		switch {
		case p.read && v.judgePair(p) == fine:
			shown[i] = v.clear(p.raw)
		case p.read && p.assigned:
			shown[i] = v.clear(name) + "=" + masked
		default:
			shown[i] = masked
		}
	}
	return strings.Join(shown, "&")
}
