package mockserver

import (
	"cmp"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Bounds of what the control plane puts in place, so that a script in a loop
// does not fill the memory.
const (
	maxFaults    = 1000
	maxFaultBody = 64 << 10
)

// faultDocument is a fault as a request has it.
type faultDocument struct {
	Op         string         `json:"op"`
	Phase      string         `json:"phase"`
	Action     string         `json:"action"`
	Status     *int           `json:"status,omitempty"`
	Body       *string        `json:"body,omitempty"`
	MediaType  *string        `json:"mediaType,omitempty"`
	RetryAfter *core.Duration `json:"retryAfter,omitempty"`
	Delay      *core.Duration `json:"delay,omitempty"`
	Location   *string        `json:"location,omitempty"`
	Size       *int64         `json:"size,omitempty"`
	Skip       int            `json:"skip"`
	Times      int            `json:"times"`
}

// faultShown is a fault in place as answers have it.
type faultShown struct {
	ID int `json:"id"`
	faultDocument
	Seen int `json:"seen"`
	Hits int `json:"hits"`
}

// faultAction is an action by its name, with the members that describe it.
type faultAction struct {
	name  string
	needs string   // member without which it says nothing
	takes []string // members that it may have, too
	make  func(faultDocument) Action
}

var faultActions = []faultAction{
	{"status", "status", []string{"body", "mediaType", "retryAfter"}, statusAction},
	{"rateLimited", "retryAfter", nil, func(d faultDocument) Action { return RateLimited(time.Duration(*d.RetryAfter)) }},
	{"latency", "delay", nil, func(d faultDocument) Action { return Latency(time.Duration(*d.Delay)) }},
	{"hang", "", nil, func(faultDocument) Action { return Hang() }},
	{"connReset", "", nil, func(faultDocument) Action { return ConnReset() }},
	{"connClose", "", nil, func(faultDocument) Action { return ConnClose() }},
	{"cutBody", "", nil, func(faultDocument) Action { return CutBody() }},
	{"garbageBody", "", nil, func(faultDocument) Action { return GarbageBody() }},
	{"emptyBody", "", nil, func(faultDocument) Action { return EmptyBody() }},
	{"htmlPage", "status", nil, func(d faultDocument) Action { return HTMLPage(*d.Status) }},
	{"redirect", "location", nil, func(d faultDocument) Action { return Redirect(*d.Location) }},
	{"contentType", "mediaType", nil, func(d faultDocument) Action { return ContentType(*d.MediaType) }},
	{"oversized", "size", nil, func(d faultDocument) Action { return Oversized(*d.Size) }},
}

// statusAction answers with a status, and with a body in place of the vendor's
// own where there is one.
func statusAction(d faultDocument) Action {
	a := Status(*d.Status)
	if d.Body != nil {
		mediaType := "application/json"
		if d.MediaType != nil {
			mediaType = *d.MediaType
		}
		a = a.WithBody(mediaType, *d.Body)
	}
	if d.RetryAfter != nil {
		a = a.WithHeader("Retry-After", core.RetryAfter(time.Duration(*d.RetryAfter)).Get("Retry-After"))
	}
	return a
}

// phases are the sides of the commit by their names in documents.
var phases = []string{BeforeCommit: "beforeCommit", AfterCommit: "afterCommit"}

func addFaults(add addRoute, s *Server) {
	add(http.MethodGet, "/faults", controlRoute{status: http.StatusOK, do: s.listFaults})
	add(http.MethodPost, "/faults", controlRoute{status: http.StatusCreated, do: s.addFault})
	add(http.MethodDelete, "/faults", controlRoute{status: http.StatusNoContent, do: func(controlRequest) (any, error) {
		s.RemoveFaults()
		return nil, nil
	}})
	add(http.MethodGet, "/faults/{id}", controlRoute{status: http.StatusOK, do: s.getFault})
	add(http.MethodPut, "/faults/{id}", controlRoute{status: http.StatusOK, do: s.replaceFault})
	add(http.MethodDelete, "/faults/{id}", controlRoute{status: http.StatusNoContent, do: s.deleteFault})
}

var errTooManyFaults = &core.ControlError{Status: http.StatusConflict, Detail: fmt.Sprintf("there are %d faults in place already; remove some", maxFaults)}

// addFault is Server.Inject over HTTP.
func (s *Server) addFault(r controlRequest) (any, error) {
	i, err := s.putFault(r.document)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return i.shown(), nil
}

// putFault puts a fault in place as a document describes it.
func (s *Server) putFault(d core.Document) (*Injection, error) {
	fault, told, main, err := readFault(d)
	if err != nil {
		return nil, err
	}
	if s.countFaults() >= maxFaults {
		return nil, errTooManyFaults
	}
	i, mistakes := s.inject(fault, &told)
	if len(mistakes) > 0 {
		return nil, refuseFault(mistakes[0], main)
	}
	return i, nil
}

// replaceFault puts another fault in the place of one, spent or not.
func (s *Server) replaceFault(r controlRequest) (any, error) {
	fault, told, main, err := readFault(r.document)
	if err != nil {
		return nil, err
	}
	if mistakes := s.check(fault); len(mistakes) > 0 {
		return nil, refuseFault(mistakes[0], main)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.faultOf(r.id)
	switch {
	case i == nil:
		return nil, core.Missing("fault", r.id)
	case len(s.faults) >= maxFaults && !slices.Contains(s.faults, i):
		return nil, errTooManyFaults // it is spent, and would come back
	}
	s.replace(i, fault, &told)
	return i.shown(), nil
}

// refuseFault words a mistake. Only the member that the action needs can be wrong
// about the action.
func refuseFault(m mistake, main string) error {
	if m.member == "action" && main != "" {
		m.member = main
	}
	return &core.ControlError{Status: http.StatusUnprocessableEntity, Pointer: "/" + m.member, Detail: m.text}
}

// readFault reads a fault, and names the member that its action needs.
func readFault(d core.Document) (fault Fault, told faultDocument, main string, err error) {
	told.Phase = phases[BeforeCommit]
	if err = d.Into(&told); err != nil {
		return fault, told, "", err
	}
	for _, member := range []string{"op", "action"} {
		if !d.Has(member) {
			return fault, told, "", core.BadMember("/"+member, "is missing")
		}
	}
	phase := slices.Index(phases, told.Phase)
	if phase < 0 {
		return fault, told, "", core.BadMember("/phase", "cannot be %q%s", core.Clip(told.Phase, core.MaxName), core.DidYouMean(told.Phase, phases))
	}
	action, err := readAction(told)
	if err != nil {
		return fault, told, "", err
	}
	fault = Fault{Op: told.Op, Phase: Phase(phase), Do: action.make(told), Skip: told.Skip, Times: told.Times}
	return fault, told, action.needs, nil
}

// readAction finds the action, and refuses members that it has no use for.
func readAction(told faultDocument) (faultAction, error) {
	var names []string
	for _, action := range faultActions {
		names = append(names, action.name)
	}
	at := slices.Index(names, told.Action)
	if at < 0 {
		return faultAction{}, core.BadMember("/action", "cannot be %q%s", core.Clip(told.Action, core.MaxName), core.DidYouMean(told.Action, names))
	}
	action := faultActions[at]
	for _, given := range []struct {
		member string
		null   bool
	}{
		{"status", told.Status == nil},
		{"body", told.Body == nil},
		{"mediaType", told.MediaType == nil},
		{"retryAfter", told.RetryAfter == nil},
		{"delay", told.Delay == nil},
		{"location", told.Location == nil},
		{"size", told.Size == nil},
	} {
		switch {
		case given.null && given.member == action.needs:
			return action, core.BadMember("/"+given.member, "is missing; the action %s needs it", action.name)
		case !given.null && given.member != action.needs && !slices.Contains(action.takes, given.member):
			return action, core.BadMember("/"+given.member, "does not go with the action %s%s", action.name, action.members())
		}
	}
	return action, checkAnswer(action, told)
}

func (a faultAction) members() string {
	if a.needs == "" {
		return ", which needs nothing else"
	}
	return ", which goes with " + strings.Join(append([]string{a.needs}, a.takes...), ", ")
}

// checkAnswer refuses what would be lost on its way to the caller.
func checkAnswer(action faultAction, told faultDocument) error {
	if told.Body != nil && len(*told.Body) > maxFaultBody {
		return core.BadMember("/body", "is longer than %d bytes", maxFaultBody)
	}
	if action.name != "status" {
		return nil
	}
	if told.RetryAfter != nil && *told.RetryAfter < 0 {
		return core.BadMember("/retryAfter", "must not be negative")
	}
	if told.MediaType == nil {
		return nil
	}
	if told.Body == nil {
		return core.BadMember("/mediaType", "is that of a body, which is missing")
	}
	if _, _, err := mime.ParseMediaType(*told.MediaType); err != nil {
		return core.BadMember("/mediaType", "is no media type: %v", err)
	}
	return nil
}

func (s *Server) countFaults() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.faults)
}

// listFaults lists the faults in place and the latest spent ones, as they were
// put in place.
func (s *Server) listFaults(controlRequest) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	items := []faultShown{}
	for _, i := range slices.Concat(s.spent, s.faults) {
		items = append(items, i.shown())
	}
	slices.SortFunc(items, func(a, b faultShown) int { return cmp.Compare(a.ID, b.ID) })
	return map[string]any{"items": items}, nil
}

func (s *Server) getFault(r controlRequest) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.faultOf(r.id); i != nil {
		return i.shown(), nil
	}
	return nil, core.Missing("fault", r.id)
}

// faultOf finds a fault, spent or not, or returns nil. The lock is held.
func (s *Server) faultOf(text string) *Injection {
	id := idOf(text)
	for _, i := range slices.Concat(s.spent, s.faults) {
		if i.id == id {
			return i
		}
	}
	return nil
}

// deleteFault is Injection.Remove over HTTP.
func (s *Server) deleteFault(r controlRequest) (any, error) {
	id := idOf(r.id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.removeFault(func(i *Injection) bool { return i.id == id }) {
		return nil, core.Missing("fault", r.id)
	}
	return nil, nil
}

// idOf reads an id as it is shown; nothing has the id 0.
func idOf(text string) int {
	id, err := strconv.Atoi(text)
	if err != nil || strconv.Itoa(id) != text {
		return 0
	}
	return id
}

// shown is the fault for an answer. The lock is held.
func (i *Injection) shown() faultShown {
	told := faultDocument{Op: i.fault.Op, Phase: phases[i.fault.Phase], Action: i.fault.Do.name, Skip: i.fault.Skip, Times: i.fault.Times}
	if i.told != nil {
		told = *i.told
	}
	return faultShown{ID: i.id, faultDocument: told, Seen: i.seen, Hits: i.hits}
}
