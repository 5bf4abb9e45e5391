package mockserver

import (
	"net/http"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// findingShown is a finding as the control plane shows it.
type findingShown struct {
	Vendor *string   `json:"vendor"`
	Op     *string   `json:"op"`
	Text   string    `json:"text"`
	At     time.Time `json:"at"`
	Count  int       `json:"count"`
}

// behaviourShown is a behaviour, and how often it has decided.
type behaviourShown struct {
	Vendor    string `json:"vendor"`
	ID        string `json:"id"`
	Statement string `json:"statement"`
	Source    string `json:"source"`
	Decided   int    `json:"decided"`
}

func addFindings(add addRoute, s *Server) {
	add(http.MethodGet, "/findings", controlRoute{status: http.StatusOK, do: s.listFindings})
	add(http.MethodDelete, "/findings", controlRoute{status: http.StatusNoContent, do: s.clearFindings})
	add(http.MethodGet, "/behaviours", controlRoute{status: http.StatusOK, parameters: []string{"vendor", "id"}, do: s.listBehaviours})
}

// listFindings is Server.Findings over HTTP, with the faults that never fired:
// both are what RunT complains about.
func (s *Server) listFindings(controlRequest) (any, error) {
	items, unfired := []findingShown{}, []faultShown{}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.findings.list {
		items = append(items, findingShown{core.Nullable(f.Vendor, f.Vendor != ""), core.Nullable(f.Op, f.Op != ""), f.Text, f.At, f.Count})
	}
	for _, i := range s.waiting() {
		unfired = append(unfired, i.shown())
	}
	return map[string]any{"items": items, "unfired": unfired}, nil
}

func (s *Server) clearFindings(controlRequest) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.findings = findings{}
	return nil, nil
}

// listBehaviours is Server.Behaviours and Server.Decided over HTTP.
func (s *Server) listBehaviours(r controlRequest) (any, error) {
	vendor, err := s.oneVendor(r.query)
	if err != nil {
		return nil, err
	}
	items, ids := []behaviourShown{}, []string{}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.vendors {
		for row, b := range v.tables.Behaviours {
			ids = append(ids, b.ID)
			if (vendor == "" || vendor == v.name) && (!r.query.Has("id") || r.query.Get("id") == b.ID) {
				items = append(items, behaviourShown{v.name, b.ID, b.Statement, string(b.Source), v.times(row)})
			}
		}
	}
	if id := r.query.Get("id"); r.query.Has("id") && !slices.Contains(ids, id) {
		return nil, core.BadParameter("id", "cannot be %q%s", core.Clip(id, core.MaxName), core.DidYouMean(id, ids))
	}
	return map[string]any{"items": items}, nil
}
