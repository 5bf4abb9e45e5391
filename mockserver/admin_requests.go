package mockserver

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// callShown is a request in the journal as the control plane shows it.
type callShown struct {
	Number    int           `json:"number"`
	Vendor    string        `json:"vendor"`
	Op        *string       `json:"op"`
	Method    string        `json:"method"`
	Path      string        `json:"path"`
	At        time.Time     `json:"at"`
	Arrived   time.Time     `json:"arrived"`
	Duration  core.Duration `json:"duration"`
	Status    *int          `json:"status"`
	Committed bool          `json:"committed"`
	Delivery  Delivery      `json:"delivery"`
	Faults    []hitShown    `json:"faults"`
	Rows      []string      `json:"behaviours"`
	Effects   []effectShown `json:"effects"`
	Findings  []string      `json:"findings"`
	Dropped   bool          `json:"contentsDropped"`
	Request   *requestShown `json:"request,omitempty"`
	Answer    *answerShown  `json:"answer,omitempty"`
}

type hitShown struct {
	Phase  string `json:"phase"`
	Action string `json:"action"`
}

type effectShown struct {
	Kind   string    `json:"kind"`
	ID     string    `json:"id"`
	Detail string    `json:"detail"`
	At     time.Time `json:"at"`
}

func showCall(c Call) callShown {
	shown := callShown{
		Number: c.Number, Vendor: c.Vendor, Op: core.Nullable(c.Op, c.Op != ""), Method: c.Method, Path: c.Path,
		At: c.At, Arrived: c.Arrived, Duration: core.Duration(c.Duration), Status: core.Nullable(c.Status, c.Status != 0), Committed: c.Committed, Delivery: c.Delivery,
		Faults: []hitShown{}, Rows: append([]string{}, c.Rows...), Effects: []effectShown{}, Findings: append([]string{}, c.Findings...),
		Dropped: c.Dropped,
	}
	for _, f := range c.Faults {
		shown.Faults = append(shown.Faults, hitShown{phases[f.Phase], f.Action})
	}
	for _, e := range c.Effects {
		shown.Effects = append(shown.Effects, effectShown{e.Kind, e.ID, e.Detail, e.At})
	}
	return shown
}

type requestShown struct {
	Header http.Header       `json:"header"`
	Query  string            `json:"query"`
	Params map[string]string `json:"params"`
	Body   *string           `json:"body"`
	Size   int64             `json:"size"`
}

type answerShown struct {
	Header http.Header `json:"header"`
	Body   *string     `json:"body"`
	Size   int64       `json:"size"`
}

// withContents shows what was said in a call, too.
func (shown callShown) withContents(c Call) callShown {
	if asked := c.Request; asked.Header != nil {
		shown.Request = &requestShown{asked.Header, asked.Query, asked.Params, asked.shownBody(), asked.Size}
		if asked.Params == nil {
			shown.Request.Params = map[string]string{}
		}
	}
	if answered := c.Answer; answered.Header != nil {
		shown.Answer = &answerShown{answered.Header, answered.shownBody(), answered.Size}
	}
	return shown
}

// shownBody is null where there is more than can be shown.
func (m Message) shownBody() *string { return core.Nullable(m.Body, m.Body != "" || m.Size == 0) }

func addRequests(add addRoute, s *Server) {
	filters := []string{"vendor", "op", "status"}
	add(http.MethodGet, "/requests", controlRoute{status: http.StatusOK, parameters: append([]string{"limit"}, filters...), do: s.listRequests})
	add(http.MethodDelete, "/requests", controlRoute{status: http.StatusNoContent, do: func(controlRequest) (any, error) {
		s.ResetJournal()
		return nil, nil
	}})
	add(http.MethodGet, "/requests/count", controlRoute{status: http.StatusOK, parameters: filters, do: s.countRequests})
	add(http.MethodGet, "/requests/await", controlRoute{status: http.StatusOK, parameters: append([]string{"count", "timeout"}, filters...), do: s.awaitRequests})
	add(http.MethodGet, "/requests/{number}", controlRoute{status: http.StatusOK, do: s.getRequest})
}

// listRequests is Server.Calls over HTTP.
func (s *Server) listRequests(r controlRequest) (any, error) {
	wanted, err := s.readWanted(r.query)
	if err != nil {
		return nil, err
	}
	limit, limited, err := number(r.query, "limit", 1)
	if err != nil {
		return nil, err
	}
	entries, dropped := s.look(wanted)
	if limited && limit < len(entries) {
		entries = entries[len(entries)-limit:]
	}
	items := []callShown{}
	for _, e := range entries {
		items = append(items, showCall(s.outline(e)))
	}
	return map[string]any{"items": items, "dropped": dropped}, nil
}

func (s *Server) countRequests(r controlRequest) (any, error) {
	wanted, err := s.readWanted(r.query)
	if err != nil {
		return nil, err
	}
	entries, dropped := s.look(wanted)
	return map[string]any{"count": len(entries), "dropped": dropped}, nil
}

func (s *Server) getRequest(r controlRequest) (any, error) {
	n := idOf(r.id)
	for _, e := range s.pick(func(e *entry) bool { return e.method != "" && e.number == n }) {
		c := s.show(e)
		return showCall(c).withContents(c), nil
	}
	return nil, core.Missing("request", r.id)
}

// readWanted reads which requests a query asks for.
func (s *Server) readWanted(query url.Values) (w wanted, err error) {
	if w.vendor, err = s.oneVendor(query); err != nil {
		return w, err
	}
	if query.Has("op") {
		op := query.Get("op")
		if known, ok := s.knows(op); !ok {
			return w, core.BadParameter("op", "cannot be %q%s", core.Clip(op, core.MaxName), core.DidYouMean(op, known))
		}
		w.ops = []string{op}
	}
	w.status, w.byStatus, err = number(query, "status", 0)
	return w, err
}

// oneVendor reads the vendor that a query asks for; empty: all of them.
func (s *Server) oneVendor(query url.Values) (string, error) {
	names := s.vendorNames()
	name := query.Get("vendor")
	if query.Has("vendor") && !slices.Contains(names, name) {
		return "", core.BadParameter("vendor", "cannot be %q%s", core.Clip(name, core.MaxName), core.DidYouMean(name, names))
	}
	return name, nil
}

// number reads a whole number from a query.
func number(query url.Values, name string, least int) (n int, sent bool, err error) {
	if !query.Has(name) {
		return 0, false, nil
	}
	n, err = strconv.Atoi(query.Get(name))
	if err != nil || n < least {
		return 0, true, core.BadParameter(name, "must be a whole number from %d", least)
	}
	return n, true, nil
}
