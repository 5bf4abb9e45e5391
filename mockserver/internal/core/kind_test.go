package core_test

import (
	"encoding/json"
	"iter"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// cup is an object of the kind that is tested here.
type cup struct{ id, color, extra string }

type cupSheet struct {
	ID    string  `json:"id"`
	Color string  `json:"color"`
	Note  *string `json:"note"`
	Extra string  `json:"-"`
}

// cups is a shelf of them, with an attribute that their sheet has no member for.
func cups(shelf *[]*cup) core.Collection {
	find := func(id string) (*cup, bool) {
		i := slices.IndexFunc(*shelf, func(c *cup) bool { return c.id == id })
		if i < 0 {
			return nil, false
		}
		return (*shelf)[i], true
	}
	return core.Kind[*cup, cupSheet]{
		Name: "cups", Noun: "cup",
		All:  func() iter.Seq[*cup] { return slices.Values(*shelf) },
		Find: find,
		Show: func(_ *core.Turn, c *cup) cupSheet { return cupSheet{ID: c.id, Color: c.color, Extra: c.extra} },
		Read: func(doc core.Document, s *cupSheet) error {
			if err := doc.Without("extra").Into(s); err != nil || !doc.Has("extra") {
				return err
			}
			return doc.Read("extra", &s.Extra)
		},
		Create: func(_ *core.Turn, s cupSheet) (*cup, error) {
			*shelf = append(*shelf, &cup{s.ID, s.Color, s.Extra})
			return (*shelf)[len(*shelf)-1], nil
		},
		Change: func(_ *core.Turn, c *cup, s cupSheet) (*cup, error) {
			c.color, c.extra = s.Color, s.Extra
			return c, nil
		},
		Filters: map[string]core.Test[*cup]{"color": func(_ *core.Turn, c *cup, want string) bool { return c.color == want }},
		Vet: func(filters url.Values) error {
			if filters.Get("color") == "loud" {
				return core.BadParameter("color", "is none")
			}
			return nil
		},
		Derived: []string{"note"},
		Fixed:   []string{"id"},
		Filled:  []string{"color"},
	}.Collection()
}

// MarshalJSON shows the attribute, too.
func (s cupSheet) MarshalJSON() ([]byte, error) {
	type plain cupSheet
	return json.Marshal(struct {
		plain
		Extra string `json:"extra"`
	}{plain(s), s.Extra})
}

func second(_ any, err error) error { return err }

func document(t *testing.T, text string) core.Document {
	t.Helper()
	doc, err := core.ReadDocument([]byte(text))
	require.NoError(t, err)
	return doc
}

func TestKindReadsItsOwnWay(t *testing.T) {
	t.Parallel()
	var shelf []*cup
	of := cups(&shelf)
	require.ErrorContains(t, second(of.List(nil, url.Values{"color": {"loud"}})), "color is none")
	made, err := of.Create(nil, document(t, `{"id":"a","color":"red","extra":"chipped"}`))
	require.NoError(t, err)
	assert.Equal(t, cupSheet{ID: "a", Color: "red", Extra: "chipped"}, made)
	changed, err := of.Change(nil, "a", document(t, `{"extra":"whole"}`))
	require.NoError(t, err)
	assert.Equal(t, cupSheet{ID: "a", Color: "red", Extra: "whole"}, changed)

	for text, want := range map[string]string{
		`{"extra":7}`:    "/extra extra must be a string",
		`{"extro":"x"}`:  `/extro extro is not known here; did you mean "extra"?`,
		`{"id":"b"}`:     "/id id cannot be changed",
		`{"note":"x"}`:   "/note note cannot be changed",
		`{"color":""}`:   "/color color cannot be empty",
		`{"color":null}`: "/color color cannot be null",
	} {
		_, err := of.Change(nil, "a", document(t, text))
		var refusal *core.ControlError
		require.ErrorAs(t, err, &refusal, text)
		assert.Equal(t, want, refusal.Pointer+" "+refusal.Detail)
	}
	assert.Equal(t, cup{"a", "red", "whole"}, *shelf[0])
	listed, err := of.List(nil, url.Values{"color": {"blue"}})
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"items": []cupSheet{}}, listed)
	shelf[0].color = ""
	_, err = of.Change(nil, "a", document(t, `{"color":"","extra":"x"}`))
	require.NoError(t, err, "what was empty may stay so")
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	a, b := map[string]any{"x": 1, "y": nil, "z": "s"}, map[string]any{"x": 1.0, "y": false, "w": nil}
	assert.Equal(t, []string{"w", "y", "z"}, core.Differences(a, b))
	assert.Empty(t, core.Differences(a, a))
}

func TestOneMemberAlone(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	doc := document(t, `{"at":"-2h","n":null}`).At(now)
	var at *core.Instant
	require.NoError(t, doc.Read("at", &at))
	assert.Equal(t, now.Add(-2*time.Hour), at.Time)
	n := new(int64)
	require.NoError(t, doc.Read("n", &n))
	assert.Nil(t, n)
	rest := doc.Without("at")
	assert.False(t, rest.Has("at"))
	assert.True(t, doc.Has("at"), "the document itself stays as it is")
}
