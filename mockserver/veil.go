package mockserver

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// veil hides the secrets of one exchange. What is masked where it belongs may
// turn up elsewhere, too: a vendor repeats a key that it does not know.
type veil struct {
	*discretion
	found  []string
	mender *strings.Replacer // nil: nothing was found
}

// veilOf returns a veil over a request, and the bodies of it and its answer.
func (d *discretion) veilOf(e *entry, bodies ...[]byte) *veil {
	v := &veil{discretion: d}
	for name, values := range e.asked.header() {
		for _, value := range values {
			if v.judge(name, value) == secretText {
				v.hide(value)
				v.hide(credential(value))
			}
		}
	}
	for _, p := range pairs(e.asked.query()) {
		if v.judgePair(p) != fineText {
			v.hide(p.value)
		}
	}
	for name, value := range e.params() {
		if v.judge(name, value) != fineText {
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
	if s.kind != memberName && v.judge(s.name, s.text) == secretText {
		v.hide(s.text)
	}
	return "", false
}

// maskScalar masks a document. Numbers under unknown names are shown: they are
// what is counted, and no secrets.
func (v *veil) maskScalar(s scalar) (string, bool) {
	judged := v.judge(s.name, s.text)
	switch {
	case s.kind != memberName && judged == secretText, s.kind == textValue && judged == unknownText:
		return masked, true
	case s.kind == numberValue:
		return "", false
	default:
		cleared := v.clear(s.text)
		return cleared, cleared != s.text
	}
}

// header returns what may be seen of a header; without a veil that is all.
func (v *veil) header(h http.Header) http.Header {
	shown := h.Clone()
	if v == nil {
		return shown
	}
	for name, values := range shown {
		for i, value := range values {
			if slices.Contains(harmless, name) || v.judge(name, value) == fineText {
				values[i] = v.clear(value)
			} else {
				values[i] = masked
			}
		}
	}
	return shown
}

func (v *veil) params(params map[string]string) map[string]string {
	shown := maps.Clone(params)
	if v == nil {
		return shown
	}
	for name, value := range shown {
		if v.judge(name, value) == fineText {
			shown[name] = v.clear(value)
		} else {
			shown[name] = masked
		}
	}
	return shown
}

func (v *veil) body(body []byte) string {
	switch {
	case v == nil:
		return string(body)
	case !core.WellFormed(body):
		return ""
	default:
		return string(rewriteJSON(body, v.maskScalar))
	}
}
