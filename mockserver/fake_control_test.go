package mockserver

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// item is what the control plane shows of the shop.
type item struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Shelf struct {
		Row  *int64   `json:"row"`
		Tags []string `json:"tags"`
	} `json:"shelf"`
	Extra map[string]any `json:"extra"`
	Sold  bool           `json:"sold"`
}

// Control offers all that a world can, but for labels, which are to be looked at
// only.
func (s *shop) Control() core.Control {
	return core.Control{
		Settings: core.Settings{
			Show:   func(*core.Turn) any { return s.settings() },
			Change: s.changeSettings,
		},
		Deeds:       []core.Deed{{Name: "steal", Action: "shop.steal", Do: s.steal}},
		Collections: s.collections(),
	}
}

type shopSettings struct {
	Limited bool `json:"limited"`
}

func (s *shop) settings() shopSettings { return shopSettings{s.limited} }

func (s *shop) changeSettings(_ *core.Turn, changes core.Document) error {
	set := s.settings()
	if err := changes.Into(&set); err != nil {
		return err
	}
	s.limited = set.Limited
	return nil
}

// steal is what no operation of the shop does.
func (s *shop) steal(t *core.Turn, order core.Document) (any, error) {
	var loot struct {
		ID int `json:"id"`
	}
	if err := order.Into(&loot); err != nil {
		return nil, err
	}
	if s.items[loot.ID] == "" {
		return nil, core.BadMember("/id", "names no item that there is")
	}
	delete(s.items, loot.ID)
	t.Effect("item.deleted", strconv.Itoa(loot.ID), "stolen")
	return map[string]any{"gone": loot.ID}, nil
}

// shopState is all that the shop remembers.
type shopState struct {
	Items   map[int]string `json:"items"`
	Last    int            `json:"last"`
	Limited bool           `json:"limited"`
}

func (s *shop) Snapshot() func() any {
	taken := shopState{maps.Clone(s.items), s.last, s.limited}
	return func() any { return taken }
}

func (s *shop) Restore(document json.RawMessage) (func(), error) {
	var kept shopState
	if err := json.Unmarshal(document, &kept); err != nil {
		return nil, err
	}
	return func() { s.items, s.last, s.limited = kept.Items, kept.Last, kept.Limited }, nil
}

func (s *shop) collections() []core.Collection {
	return []core.Collection{
		{
			Name: "items", Filters: []string{"name"},
			List: s.listItems, Create: s.createItem, Get: s.getItem, Change: s.changeItem, Delete: s.deleteItem, Clear: s.clearItems,
		},
		{Name: "labels", List: func(*core.Turn, url.Values) (any, error) { return []string{}, nil }},
	}
}

func (s *shop) listItems(_ *core.Turn, filters url.Values) (any, error) {
	items := []item{}
	for _, id := range slices.Sorted(maps.Keys(s.items)) {
		if name := filters.Get("name"); name == "" || name == s.items[id] {
			items = append(items, item{ID: id, Name: s.items[id]})
		}
	}
	return items, nil
}

func (s *shop) createItem(t *core.Turn, object core.Document) (any, error) {
	var new item
	if err := object.Into(&new); err != nil {
		return nil, err
	}
	if new.Name == "" {
		return nil, object.Refuse("name", "is missing")
	}
	s.create(t, new.Name)
	new.ID = s.last
	return new, nil
}

func (s *shop) find(id string) (item, error) {
	number, _ := strconv.Atoi(id)
	if s.items[number] == "" {
		return item{}, core.Missing("item", id)
	}
	return item{ID: number, Name: s.items[number]}, nil
}

func (s *shop) getItem(_ *core.Turn, id string) (any, error) { return s.find(id) }

func (s *shop) changeItem(_ *core.Turn, id string, changes core.Document) (any, error) {
	found, err := s.find(id)
	if err != nil {
		return nil, err
	}
	if err := changes.Into(&found); err != nil {
		return nil, err
	}
	s.items[found.ID] = found.Name
	return found, nil
}

func (s *shop) deleteItem(t *core.Turn, id string) error {
	found, err := s.find(id)
	if err != nil {
		return err
	}
	delete(s.items, found.ID)
	t.Effect("item.deleted", id, "")
	return nil
}

func (s *shop) clearItems(_ *core.Turn, filters url.Values) error {
	maps.DeleteFunc(s.items, func(_ int, name string) bool { return filters.Get("name") == "" || name == filters.Get("name") })
	return nil
}
