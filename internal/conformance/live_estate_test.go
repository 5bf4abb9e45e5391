package conformance

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// liveDeed is what a request is up to.
type liveDeed struct {
	makes   string            // what kind of object; "": none
	touches []string          // the objects that it changes or builds upon, by whatever names
	also    string            // what it takes to find what it makes, besides the mark
	idle    bool              // it names nothing, and can do nothing
	removes func(answer) bool // reports whether an answer says that all of them are gone; nil: it removes nothing
}

// thing is an object that the run has made at the vendor, or may have made.
type thing struct {
	kind  string   // such as "key"
	mark  string   // by which it can be told from all others, in its name or note
	names []string // by which the vendor knows it, that for removing it first
	also  string   // what else finding it takes

	doubt bool   // whether it exists is not known: the answer to its creation was lost
	gone  bool   // it was removed, or is known not to exist
	why   string // it could not be removed, or found
}

// estate is all that a run has at a vendor.
type estate struct {
	run     string
	marks   int
	things  []*thing
	nobodys map[string]bool // names that the run made up, and nothing has
}

// mark returns a text that nothing else has, for a name, a note or a device.
func (e *estate) mark() string {
	e.marks++
	return fmt.Sprintf("%s-%05d", e.run, e.marks) // none is the beginning of another
}

// invent notes a name that nothing has.
func (e *estate) invent(name string) string {
	if e.nobodys == nil {
		e.nobodys = map[string]bool{}
	}
	e.nobodys[name] = true
	return name
}

var anyMark = regexp.MustCompile(`ks-[0-9a-f]{8}-[0-9]{5}`)

// owns reports whether a name can be none but that of an object of the run's.
func (e *estate) owns(name string) bool {
	if e.nobodys[name] || anyMark.FindString(strings.ToLower(name)) != "" && strings.Contains(strings.ToLower(name), e.run) {
		return true
	}
	return e.named(name) != nil
}

func (e *estate) named(name string) *thing {
	for _, t := range e.things {
		if slices.Contains(t.names, name) {
			return t
		}
	}
	return nil
}

// allow refuses a request that would touch what the run has not made, or make
// what could not be found again.
func (v *visit) allow(call *liveCall) (liveDeed, error) {
	if call.op == nil {
		return liveDeed{}, v.allowUnknown(call)
	}
	if call.op.Class == transport.Read {
		return liveDeed{}, nil
	}
	d := v.vendor.deed(call)
	if d.makes != "" && !strings.Contains(call.body, v.run+"-") {
		return d, fmt.Errorf("%s was held back: what it makes would not bear the mark of this run", call.op.ID)
	}
	if d.makes == "" && len(d.touches) == 0 && !d.idle {
		return d, fmt.Errorf("%s was held back: it does not say what it changes", call.op.ID)
	}
	for _, name := range d.touches {
		if !v.estate.owns(name) {
			return d, fmt.Errorf("%s was held back: it would touch what this run has not made", call.op.ID)
		}
	}
	return d, nil
}

// allowUnknown refuses a request that is no operation and might change something
// all the same, unless all that its path names is the run's.
func (v *visit) allowUnknown(call *liveCall) error {
	if slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, call.method) {
		return nil
	}
	var words []string
	for _, op := range v.vendor.ops {
		words = append(words, strings.Split(op.Path, "/")...)
	}
	ours := strings.Split(strings.Trim(v.vendor.root(v.set), "/"), "/")
	for _, segment := range call.path {
		name := strings.TrimSuffix(segment, ".json")
		if !slices.Contains(words, name) && !slices.Contains(ours, name) && !v.estate.owns(name) {
			return fmt.Errorf("%s of a path that no operation has was held back: it might touch what this run has not made", call.method)
		}
	}
	return nil
}

// begin notes down what a request is about to do, so that it is known even if no
// answer comes, and returns what to do with the answer.
func (e *estate) begin(call *liveCall, d liveDeed) func(made func(*liveCall, answer) []thing, got answer) {
	var maybe *thing
	if d.makes != "" {
		maybe = &thing{kind: d.makes, mark: anyMark.FindString(call.body), also: d.also, doubt: true}
		e.things = append(e.things, maybe)
	}
	return func(made func(*liveCall, answer) []thing, got answer) {
		if got.Status >= 400 && got.Status < 500 && got.Status != http.StatusRequestTimeout {
			if maybe != nil {
				e.drop(maybe)
			}
			return
		}
		if !got.succeeded() {
			return
		}
		if d.removes != nil && d.removes(got) {
			e.remove(d.touches)
		}
		if shown := made(call, got); maybe != nil && len(shown) > 0 {
			e.drop(maybe)
			e.add(maybe.mark, shown)
		}
	}
}

func (e *estate) drop(t *thing) {
	e.things = slices.DeleteFunc(e.things, func(other *thing) bool { return other == t })
}

func (e *estate) add(mark string, made []thing) {
	for _, t := range made {
		t.mark = mark
		e.things = append(e.things, &t)
	}
}

func (e *estate) remove(names []string) {
	for _, name := range names {
		if t := e.named(name); t != nil {
			t.gone, t.why = true, ""
		}
	}
}

// standing are the things that are there, the latest first.
func (e *estate) standing() []*thing {
	var list []*thing
	for _, t := range slices.Backward(e.things) {
		if !t.gone && !t.doubt {
			list = append(list, t)
		}
	}
	return list
}

// doubtful are the things of which nobody knows whether they are there.
func (e *estate) doubtful() []*thing {
	var list []*thing
	for _, t := range e.things {
		if t.doubt && !t.gone {
			list = append(list, t)
		}
	}
	return list
}

// clear removes everything that the run has made so far, and looks for what it
// may have made besides.
func (v *visit) clear(ctx context.Context) {
	for _, t := range v.estate.doubtful() {
		v.search(ctx, t)
	}
	things := v.estate.standing()
	if len(things) > 1 && v.vendor.sweep != nil {
		if method, path, body := v.vendor.sweep(things); method != "" {
			_, _ = v.send(ctx, method, path, body)
		}
	}
	for _, t := range things {
		v.dispose(ctx, t)
	}
}

// search looks for a thing that the vendor may have made without a word.
func (v *visit) search(ctx context.Context, t *thing) {
	found, err := v.vendor.find(ctx, v, t)
	switch {
	case err != nil:
		t.why = fmt.Sprintf("looking for it failed: %v", err)
	case len(found) == 0:
		t.why = "nothing with its mark was found"
	default:
		v.estate.drop(t)
		v.estate.add(t.mark, found)
	}
}

// isMissed reports whether the vendor does not show a thing any more, though it
// says so in another way than the mock. That it refuses to show it proves nothing
// unless it has shown others that were asked for in the same form.
func (v *visit) isMissed(ctx context.Context, t *thing) bool {
	method, path, body := v.vendor.look(t)
	if method == "" {
		return false
	}
	got, err := v.send(ctx, method, path, body)
	refusals := []int{http.StatusBadRequest, http.StatusNotFound, http.StatusGone, http.StatusUnprocessableEntity}
	return err == nil && slices.Contains(refusals, got.Status) && v.worked[v.latest]
}

// mostTries bounds how often something is removed whose removal nobody confirms.
const mostTries = 3

// dispose removes one thing.
func (v *visit) dispose(ctx context.Context, t *thing) {
	method, path, body := v.vendor.removal(t)
	for try := 0; try < mostTries && !t.gone && ctx.Err() == nil; try++ {
		got, err := v.send(ctx, method, path, body)
		switch {
		case err != nil:
			t.why = fmt.Sprintf("removing it failed: %v", err)
		case got.succeeded() || v.vendor.isGone(got) || got.verdict() == "refused" && v.isMissed(ctx, t):
			t.gone, t.why = true, ""
		default:
			t.why = fmt.Sprintf("removing it was answered %d", got.Status)
		}
	}
}
