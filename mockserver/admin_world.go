package mockserver

import (
	"net/http"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// addWorld adds what the control plane offers of a vendor.
func addWorld(add addRoute, s *Server, v *vendor) {
	offered := v.control()
	for _, collection := range offered.Collections {
		addCollection(add, s, v, collection)
	}
	for _, deed := range offered.Deeds {
		add(http.MethodPost, "/"+v.name+"/"+deed.Name, controlRoute{status: http.StatusOK, do: func(r controlRequest) (any, error) {
			return s.perform(v, deed, r.document)
		}})
	}
	if offered.Settings.Show != nil {
		addSettings(add, s, v, offered.Settings)
	}
}

// settingsName names the settings of a vendor in paths and in seeds.
const settingsName = "settings"

func addSettings(add addRoute, s *Server, v *vendor, settings core.Settings) {
	path := "/" + v.name + "/" + settingsName
	add(http.MethodGet, path, controlRoute{status: http.StatusOK, do: func(r controlRequest) (any, error) {
		return s.steer(v, r, func(t *core.Turn, _ controlRequest) (any, error) { return settings.Show(t), nil })
	}})
	add(http.MethodPatch, path, controlRoute{status: http.StatusOK, do: func(r controlRequest) (any, error) {
		return s.steer(v, r, func(t *core.Turn, r controlRequest) (any, error) {
			if err := settings.Change(t, r.document); err != nil {
				return nil, err
			}
			return settings.Show(t), nil
		})
	}})
}

// addCollection adds the routes of one kind of a vendor's objects.
func addCollection(add addRoute, s *Server, v *vendor, c core.Collection) {
	all := "/" + v.name + "/" + c.Name
	one := all + "/{id}"
	on := func(offered bool, method, path string, status int, do func(*core.Turn, controlRequest) (any, error)) {
		if offered {
			route := controlRoute{status: status, do: func(r controlRequest) (any, error) { return s.steer(v, r, do) }}
			if path == all && method != http.MethodPost {
				route.parameters = c.Filters
			}
			add(method, path, route)
		}
	}
	on(c.List != nil, http.MethodGet, all, http.StatusOK, func(t *core.Turn, r controlRequest) (any, error) {
		return c.List(t, r.query)
	})
	on(c.Create != nil, http.MethodPost, all, http.StatusCreated, func(t *core.Turn, r controlRequest) (any, error) {
		return c.Create(t, r.document)
	})
	on(c.Clear != nil, http.MethodDelete, all, http.StatusNoContent, func(t *core.Turn, r controlRequest) (any, error) {
		return nil, c.Clear(t, r.query)
	})
	on(c.Get != nil, http.MethodGet, one, http.StatusOK, func(t *core.Turn, r controlRequest) (any, error) {
		return c.Get(t, r.id)
	})
	on(c.Change != nil, http.MethodPatch, one, http.StatusOK, func(t *core.Turn, r controlRequest) (any, error) {
		return c.Change(t, r.id, r.document)
	})
	on(c.Delete != nil, http.MethodDelete, one, http.StatusNoContent, func(t *core.Turn, r controlRequest) (any, error) {
		return nil, c.Delete(t, r.id)
	})
}

// steer runs one call of the control plane as a turn of a vendor. What it
// changes is in the ledger, since it happened; it proves no behaviour, since no
// caller of the vendor saw it.
func (s *Server) steer(v *vendor, r controlRequest, do func(*core.Turn, controlRequest) (any, error)) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	turn := s.turn(v, r.op)
	r.document = r.document.At(turn.Now)
	answer, err := do(turn, r)
	if err != nil {
		return nil, err
	}
	s.enter(v, turn.Effects)
	return answer, nil
}

// perform runs what an end user or the vendor's staff does. It is an action, as
// if the Go API had been asked for it.
func (s *Server) perform(v *vendor, deed core.Deed, order core.Document) (outcome any, err error) {
	s.act(v, deed.Action, func(t *core.Turn) {
		if outcome, err = deed.Do(t, order.At(t.Now)); err != nil {
			t.Refuse("%v", err)
		}
	})
	return outcome, err
}
