package mockserver

import (
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

// Collections offers all that a world can, but for labels, which are to be
// looked at only.
func (s *shop) Collections() []core.Collection {
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
		return nil, core.BadMember("/name", "is missing")
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
