package conformance

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// probe is a small question to a vendor. It makes objects of its own, and notes
// down what it sees of them. It is put to the mock first: where the vendor lets
// it see the same, the rules are confirmed that it names for what it saw. What a
// vendor may choke on is asked last, since a failure of its ends a probe.
type probe struct {
	name  string
	needs []string // optional variables without which it cannot be put
	ask   func(*asker)
}

// sighting is something that a probe saw, in a form in which ids, keys and times do
// not matter.
type sighting struct {
	rules []string // that say so; all of them are wrong if it is otherwise
	about string   // tells it apart from the probe's other notes
	seen  string   // as JSON
}

// asker puts one probe to one vendor.
type asker struct {
	*visit
	notes []sighting
}

// cannotGoOn ends a probe that has nothing more to ask.
type cannotGoOn struct{ why string }

// put puts a probe to whoever is visited, and returns what it saw until it was
// through or could not go on.
func (v *visit) put(p probe) (notes []sighting, stopped string) {
	a := &asker{visit: v}
	defer func() {
		notes = a.notes
		switch end := recover().(type) {
		case nil:
		case cannotGoOn:
			stopped = end.why
		default: // an answer that nobody had in mind
			stopped = fmt.Sprintf("the probe cannot cope with an answer: %v", end)
			v.mishaps = append(v.mishaps, fmt.Sprintf("%s: %v\n%s", p.name, end, debug.Stack()))
		}
	}()
	p.ask(a)
	return a.notes, ""
}

// see notes down a value that the rules decide. Rules are named without the
// vendor, and separated by blanks.
func (a *asker) see(rules, about string, value any) {
	seen, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	if slices.ContainsFunc(a.notes, func(n sighting) bool { return n.about == about }) {
		panic(fmt.Sprintf("two notes are about %q", about))
	}
	n := sighting{about: about, seen: string(seen)}
	for _, rule := range strings.Fields(rules) {
		n.rules = append(n.rules, a.vendor.name+"."+rule)
	}
	a.notes = append(a.notes, n)
}

// stop ends the probe for a reason.
func (a *asker) stop(format string, args ...any) {
	panic(cannotGoOn{fmt.Sprintf(format, args...)})
}

// send sends a request, whatever is answered, unless the vendor fails: that says
// nothing of its rules, and ends the probe.
func (a *asker) send(method, path, body string, headers ...string) answer {
	got, err := a.visit.send(a.ctx, method, path, body, headers...)
	a.must(err)
	if got.Status >= http.StatusInternalServerError || got.Status == http.StatusRequestTimeout || got.Status == http.StatusTooManyRequests {
		a.stop("%s", a.answered(got))
	}
	return got
}

// answered tells how the last request was answered.
func (a *asker) answered(got answer) string {
	return fmt.Sprintf("%s was answered %d: %s", cmp.Or(a.latest, "a path that no operation has"), got.Status, clip(got.Body))
}

// stage sends a request that must succeed for the probe to go on.
func (a *asker) stage(method, path, body string, headers ...string) answer {
	return a.staged(a.send(method, path, body, headers...))
}

// staged ends the probe if a request did not succeed that it builds upon.
func (a *asker) staged(got answer) answer {
	if !got.succeeded() {
		a.stop("to prepare it, %s", a.answered(got))
	}
	return got
}

// pass lets some time pass until the next call, which on a real clock is waited
// out.
func (a *asker) pass(d time.Duration) {
	if d -= a.pause; d > 0 {
		a.must(a.wait(a.ctx, d))
	}
}

// must ends the probe for what went wrong, if anything did.
func (a *asker) must(err error) {
	if err != nil {
		a.stop("%v", err)
	}
}

func clip(text string) string {
	if len(text) > 200 {
		return text[:200] + "…"
	}
	return text
}

// succeeded reports whether a request was carried out, as far as its answer says.
func (a answer) succeeded() bool { return a.Status >= 200 && a.Status < 300 }

// verdict is whether a request was carried out or refused, in a word; how it was
// refused is for rules of their own to say.
func (a answer) verdict() string {
	switch {
	case a.succeeded():
		return "taken"
	case a.Status >= 400 && a.Status < 500:
		return "refused"
	default:
		return fmt.Sprint("status ", a.Status)
	}
}

// notThere stands for what an answer does not have, which is not the same as null.
const notThere = "(absent)"

// get returns a value of a JSON answer by its path, or notThere.
func (a answer) get(path string) any {
	if value, found := a.dig(path); found {
		return value
	}
	return notThere
}

// text is get for texts; anything else is none.
func (a answer) text(path string) string {
	text, _ := a.get(path).(string)
	if text == notThere {
		return ""
	}
	return text
}

// list is get for lists; anything else is an empty one.
func (a answer) list(path string) []any {
	list, _ := a.get(path).([]any)
	return list
}

// texts are the texts that stand under a path in each item of a list.
func (a answer) texts(list, path string) []string {
	found := []string{}
	for i := range a.list(list) {
		found = append(found, fmt.Sprint(a.get(fmt.Sprintf("%s.%d.%s", list, i, path))))
	}
	return found
}

// members are the names of an object's members, in the order of the alphabet.
func (a answer) members(path string) any {
	object, ok := a.get(path).(map[string]any)
	if !ok {
		return kindOf(a.get(path))
	}
	names := []string{}
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// pick has some values of an answer by their paths below one.
func (a answer) pick(below string, paths ...string) map[string]any {
	picked := map[string]any{}
	for _, path := range paths {
		picked[path] = a.get(strings.TrimPrefix(below+"."+path, "."))
	}
	return picked
}

// kindOf is what kind of JSON value something is.
func kindOf(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case string:
		if value == notThere {
			return notThere
		}
		return "text"
	case bool:
		return "boolean"
	case float64:
		if value == float64(int64(value)) {
			return "whole number"
		}
		return "number"
	case []any:
		return "list"
	default:
		return "object"
	}
}

// kinds are the kinds of some values of an answer.
func (a answer) kinds(below string, paths ...string) map[string]any {
	picked := a.pick(below, paths...)
	for path, value := range picked {
		picked[path] = kindOf(value)
	}
	return picked
}

var (
	anyUUID  = regexp.MustCompile(`[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`)
	anyDigit = regexp.MustCompile(`[0-9]`)
)

// form is how a text is written: UUIDs as such, and every digit as 0.
func form(text any) any {
	written, ok := text.(string)
	if !ok || written == notThere {
		return kindOf(text)
	}
	var parts []string
	for i, part := range anyUUID.Split(written, -1) {
		if i > 0 {
			parts = append(parts, "{uuid}")
		}
		parts = append(parts, anyDigit.ReplaceAllString(part, "0"))
	}
	return strings.Join(parts, "")
}

// instantOf reads a time as vendors write it: a text of RFC 3339, or Unix seconds.
func instantOf(value any) (at time.Time, ok bool) {
	switch value := value.(type) {
	case string:
		at, err := time.Parse(time.RFC3339Nano, value)
		return at, err == nil
	case float64:
		return time.Unix(int64(value), 0), value > 0
	default:
		return time.Time{}, false
	}
}

// apart is the time from one moment to another, to the nearest unit.
func apart(from, to any, unit time.Duration) string {
	first, ok1 := instantOf(from)
	second, ok2 := instantOf(to)
	if !ok1 || !ok2 {
		return fmt.Sprintf("from %s to %s", kindOf(from), kindOf(to))
	}
	return second.Sub(first).Round(unit).String()
}

// order is the order in which a list has some objects, each told by its number
// among them; others are passed over.
func order(list, objects []string) []int {
	places := []int{}
	for _, item := range list {
		if i := slices.Index(objects, item); i >= 0 {
			places = append(places, i+1)
		}
	}
	return places
}

// newUUID is a UUID that nothing has.
func newUUID() string {
	random := make([]byte, 16)
	_, _ = rand.Read(random)
	random[6], random[8] = random[6]&0x0f|0x40, random[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", random[:4], random[4:6], random[6:8], random[8:10], random[10:])
}

// further are members of a JSON object that follow others.
func further(fields string) string {
	if fields == "" {
		return ""
	}
	return ", " + fields
}
