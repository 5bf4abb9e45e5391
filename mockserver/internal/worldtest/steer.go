package worldtest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// Seed gives the world a typed seed. Of one that is refused the stage keeps no
// record, though a part may have been made.
func (s *Stage) Seed(seed any) error {
	s.Helper()
	t := s.turn("seed")
	if err := s.Vendor.(core.Seeded).Seed(t, seed); err != nil {
		return err
	}
	s.keep(t)
	return nil
}

// Steer does what the control plane does with one collection, by the method, the id
// and the body of a request, and returns the answer as it is written. A refused call
// leaves no effect.
func (s *Stage) Steer(method, collection, id, body string) (answer string, err error) {
	s.Helper()
	c := s.collection(collection)
	doc, err := core.ReadDocument([]byte(body))
	require.NoError(s, err)
	t := s.turn(method + " " + collection)
	doc = doc.At(t.Now)
	var shown any
	switch {
	case method == http.MethodPost && c.Create != nil:
		shown, err = c.Create(t, doc)
	case method == http.MethodPatch && c.Change != nil:
		shown, err = c.Change(t, id, doc)
	case method == http.MethodDelete && c.Delete != nil:
		err = c.Delete(t, id)
	case method == http.MethodDelete && c.Clear != nil:
		err = c.Clear(t, url.Values{})
	}
	if err != nil {
		require.Empty(s, t.Effects, "a refused call has no effect")
		return "", err
	}
	s.keep(t)
	return string(s.encode(shown)), nil
}

// IDs lists the ids of the objects of a collection, in its order.
func (s *Stage) IDs(collection string) (ids []string) {
	s.Helper()
	list, err := s.collection(collection).List(s.turn(""), url.Values{})
	require.NoError(s, err)
	var shown struct {
		Items []struct{ ID json.RawMessage }
	}
	require.NoError(s, json.Unmarshal(s.encode(list), &shown))
	for _, item := range shown.Items {
		ids = append(ids, strings.Trim(string(item.ID), `"`))
	}
	return ids
}

func (s *Stage) collection(name string) core.Collection {
	s.Helper()
	all := s.Vendor.(core.Controlled).Control().Collections
	at := slices.IndexFunc(all, func(c core.Collection) bool { return c.Name == name })
	require.GreaterOrEqual(s, at, 0, "there is no collection %q", name)
	return all[at]
}
