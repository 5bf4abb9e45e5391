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
	Duration  core.Duration `json:"duration"`
	Status    *int          `json:"status"`
	Committed bool          `json:"committed"`
	Delivery  Delivery      `json:"delivery"`
	Faults    []hitShown    `json:"faults"`
	Rows      []string      `json:"behaviours"`
	Effects   []effectShown `json:"effects"`
	Findings  []string      `json:"findings"`
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
		At: c.At, Duration: core.Duration(c.Duration), Status: core.Nullable(c.Status, c.Status != 0), Committed: c.Committed, Delivery: c.Delivery,
		Faults: []hitShown{}, Rows: append([]string{}, c.Rows...), Effects: []effectShown{}, Findings: append([]string{}, c.Findings...),
	}
	for _, f := range c.Faults {
		shown.Faults = append(shown.Faults, hitShown{phases[f.Phase], f.Action})
	}
	for _, e := range c.Effects {
		shown.Effects = append(shown.Effects, effectShown{e.Kind, e.ID, e.Detail, e.At})
	}
	return shown
}

func addRequests(add addRoute, s *Server) {
	add(http.MethodGet, "/requests", controlRoute{status: http.StatusOK, parameters: []string{"vendor", "op", "status", "limit"}, do: s.listRequests})
	add(http.MethodDelete, "/requests", controlRoute{status: http.StatusNoContent, do: func(controlRequest) (any, error) {
		s.ResetJournal()
		return nil, nil
	}})
	add(http.MethodGet, "/requests/count", controlRoute{status: http.StatusOK, parameters: []string{"vendor", "op", "status"}, do: s.countRequests})
}

// listRequests is Server.Calls over HTTP.
func (s *Server) listRequests(r controlRequest) (any, error) {
	calls, dropped, err := s.requests(r.query)
	if err != nil {
		return nil, err
	}
	limit, limited, err := number(r.query, "limit", 1)
	if err != nil {
		return nil, err
	}
	if limited && limit < len(calls) {
		calls = calls[len(calls)-limit:]
	}
	items := []callShown{}
	for _, c := range calls {
		items = append(items, showCall(c))
	}
	return map[string]any{"items": items, "dropped": dropped}, nil
}

func (s *Server) countRequests(r controlRequest) (any, error) {
	calls, dropped, err := s.requests(r.query)
	return map[string]any{"count": len(calls), "dropped": dropped}, err
}

// requests returns the requests in the journal that a query asks for, and how
// many of the vendor and the operation it has dropped.
func (s *Server) requests(query url.Values) (calls []Call, dropped int, err error) {
	vendor, err := s.oneVendor(query)
	if err != nil {
		return nil, 0, err
	}
	var patterns []string
	if query.Has("op") {
		patterns = []string{query.Get("op")}
		if known, ok := s.knows(patterns[0]); !ok {
			return nil, 0, core.BadParameter("op", "cannot be %q%s", core.Clip(patterns[0], core.MaxName), core.DidYouMean(patterns[0], known))
		}
	}
	status, byStatus, err := number(query, "status", 0)
	if err != nil {
		return nil, 0, err
	}
	fits := func(v, op string) bool { return (vendor == "" || v == vendor) && fitsAny(patterns, v, op) }
	s.mu.Lock()
	defer s.mu.Unlock()
	for who, times := range s.journal.evicted {
		if fits(who[0], who[1]) {
			dropped += times
		}
	}
	calls = s.journal.pick(func(c *Call) bool {
		return c.Method != "" && fits(c.Vendor, c.Op) && (!byStatus || c.Status == status)
	})
	return calls, dropped, nil
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
