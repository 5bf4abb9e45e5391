package luaprotmock

import (
	"net/http"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// hubSheet describes a hub.
type hubSheet struct {
	ID           string        `json:"id"`
	Account      string        `json:"account"`
	Name         string        `json:"name"`
	HWIDResetGap core.Duration `json:"hwidResetGap"`
}

func (v *vendor) controlledHubs() core.Kind[*hub, hubSheet] {
	return core.Kind[*hub, hubSheet]{
		Name: "hubs",
		Noun: "hub",
		All:  v.state.hubs.All,
		Find: v.state.hubs.Find,
		Show: func(_ *core.Turn, h *hub) hubSheet {
			return hubSheet{h.ID, h.Owner, h.Name, core.Duration(h.ResetGap)}
		},
		Create: func(t *core.Turn, d hubSheet) (*hub, error) { return v.turn(t).createHub(d) },
		Change: func(t *core.Turn, h *hub, d hubSheet) (*hub, error) { return h, v.turn(t).changeHub(h, d) },
		Remove: func(t *core.Turn, h *hub) error {
			v.turn(t).removeHub(h)
			return nil
		},
		Filters: map[string]core.Test[*hub]{
			"account": func(_ *core.Turn, h *hub, want string) bool { return h.Owner == want },
			"name":    func(_ *core.Turn, h *hub, want string) bool { return h.Name == want },
		},
		Fixed: []string{"id", "account"},
	}
}

func (t *turn) createHub(d hubSheet) (*hub, error) {
	owner, err := t.state.accountOf(d.Account)
	if err != nil {
		return nil, err
	}
	h := &hub{Hub: d.hub(), Owner: owner.ID}
	return h, t.addHub(h)
}

func (d hubSheet) hub() Hub {
	return Hub{ID: d.ID, Name: d.Name, ResetGap: time.Duration(d.HWIDResetGap)}
}

func (t *turn) changeHub(h *hub, d hubSheet) error {
	become := d.hub()
	become.ID = "" // which it keeps
	if err := t.state.checkHub(become); err != nil {
		return err
	}
	changed := core.Changes{}.If("name", h.Name != become.Name).If("hwidResetGap", h.ResetGap != become.ResetGap)
	h.Name, h.ResetGap = become.Name, become.ResetGap
	t.Effect(EffectHubUpdated, h.ID, changed.String())
	return nil
}

// scriptSheet describes a script.
type scriptSheet struct {
	ID         string `json:"id"`
	Account    string `json:"account"`
	Hub        string `json:"hub"` // id; in requests also the name
	Name       string `json:"name"`
	Executions int64  `json:"executions"`
}

func (v *vendor) controlledScripts() core.Kind[*script, scriptSheet] {
	return core.Kind[*script, scriptSheet]{
		Name: "scripts",
		Noun: "script",
		All:  v.state.scripts.All,
		Find: v.state.scripts.Find,
		Show: func(_ *core.Turn, of *script) scriptSheet {
			return scriptSheet{of.ID, v.state.hubs.Get(of.HubID).Owner, of.HubID, of.Name, of.Executions}
		},
		Create: func(t *core.Turn, d scriptSheet) (*script, error) { return v.turn(t).createScript(d) },
		Change: func(t *core.Turn, of *script, d scriptSheet) (*script, error) {
			return of, v.turn(t).changeScript(of, d)
		},
		Remove: func(t *core.Turn, of *script) error { return v.turn(t).withdrawScript(of) },
		Filters: map[string]core.Test[*script]{
			"account": func(_ *core.Turn, of *script, want string) bool { return v.state.hubs.Get(of.HubID).Owner == want },
			"hub":     func(_ *core.Turn, of *script, want string) bool { return answersTo(v.state.hubs.Get(of.HubID), want) },
			"name":    func(_ *core.Turn, of *script, want string) bool { return of.Name == want },
		},
		Fixed: []string{"id", "account", "hub"},
	}
}

func (t *turn) createScript(d scriptSheet) (*script, error) {
	owner, err := t.state.accountOf(d.Account)
	if err != nil {
		return nil, err
	}
	of := &script{Script: Script{ID: d.ID, Name: d.Name}, Executions: d.Executions}
	if of.HubID, err = t.state.referToHub(owner.ID, d.Hub); err != nil {
		return nil, err
	}
	return of, t.addScript(owner.ID, of)
}

func (t *turn) changeScript(of *script, d scriptSheet) error {
	become := &script{Script: Script{Name: d.Name}, Executions: d.Executions}
	if err := t.state.checkScript("", become); err != nil {
		return err
	}
	changed := core.Changes{}.If("name", of.Name != become.Name).If("executions", of.Executions != become.Executions)
	of.Name, of.Executions = become.Name, become.Executions
	t.Effect(EffectScriptUpdated, of.ID, changed.String())
	return nil
}

// withdrawScript removes a script, unless keys are limited to it.
func (t *turn) withdrawScript(of *script) error {
	for _, k := range t.state.keys.inHub(t.state.hubs.Get(of.HubID)) {
		if slices.Contains(k.LimitedScripts, of.ID) {
			return &core.ControlError{Status: http.StatusConflict, Detail: "there are keys that are limited to the script, such as " +
				core.Clip(k.Value, core.MaxName) + ": change their limitedScripts first"}
		}
	}
	t.removeScript(of)
	return nil
}
