// This file is compiled into the package that is generated from shapes.yaml.
package shapeswire

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/internal/wire"
)

func TestOperations(t *testing.T) {
	assert.Equal(t, []transport.Op{
		{
			ID: "listThings", Method: http.MethodGet, Path: "/pools/{poolId}/things", Class: transport.Read,
			Success: []transport.Success{
				{Status: 200, MediaType: "application/vnd.api+json"},
				{Status: 200, MediaType: "text/plain"},
				{Status: 204},
			},
		},
		{
			ID: "createThing", Method: http.MethodPost, Path: "/pools/{poolId}/things", Class: transport.Once,
			Success: []transport.Success{
				{Status: 201, MediaType: "application/vnd.api+json", EmptyOK: true},
				{Status: 202},
			},
			Recovery: "Look.",
		},
		{
			ID: "replaceThings", Method: http.MethodPut, Path: "/things/batch", Class: transport.Idempotent,
			Success: []transport.Success{{Status: 204}}, Recovery: "Do it again.",
		},
		{
			ID: "resetPart", Method: http.MethodPost, Path: "/things/{thingId}/parts/{partId}/reset", Class: transport.Once,
			Success: []transport.Success{{Status: 200}}, Recovery: "Look.",
		},
	}, Operations())
}

func TestQuery(t *testing.T) {
	size, since := int64(10), wire.Time{Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))}
	req, err := NewListThingsRequest(7, ListThingsParams{
		PageSize: &size, Tag: []string{"a b", "c&d"}, Mode: ModeAll, Since: &since,
	})
	require.NoError(t, err)
	assert.Equal(t, "/pools/7/things", req.Path)
	assert.Equal(t, "page%5Bsize%5D=10&tag=a+b&tag=c%26d&mode=all&since=2026-01-02T02%3A04%3A05Z", req.Query)

	req, err = NewListThingsRequest(7, ListThingsParams{Mode: ModeSome})
	require.NoError(t, err)
	assert.Equal(t, "mode=some", req.Query, "what is absent is not sent")
}

func TestBodies(t *testing.T) {
	name, dry := "<x>", true
	req, err := NewCreateThingRequest(7, CreateThingParams{Dry: &dry}, Thing{Name: &name, Note: wire.Null[string]()})
	require.NoError(t, err)
	assert.Equal(t, "dry=true", req.Query)
	assert.Equal(t, "application/vnd.api+json", req.ContentType)
	assert.Equal(t, `{"name":"<x>","note":null}`, string(req.Body))

	req, err = NewReplaceThingsRequest([]Thing{{Name: &name}, {}})
	require.NoError(t, err)
	assert.Equal(t, "application/json", req.ContentType)
	assert.Equal(t, `[{"name":"<x>"},{}]`, string(req.Body))

	part := "c d" // a UUID stays text, whatever it holds
	req, err = NewResetPartRequest("a/b", part)
	require.NoError(t, err)
	assert.Equal(t, "/things/a%2Fb/parts/c%20d/reset", req.Path)
	assert.Nil(t, req.Body)
	assert.Empty(t, req.ContentType)
}

func TestEmbeddedModel(t *testing.T) {
	var thing DetailedThing
	require.NoError(t, json.Unmarshal([]byte(`{"name":"x","state":"new","note":null,"seen":"2026-01-02 03:04:05"}`), &thing))
	assert.Equal(t, "x", *thing.Thing.Name)
	assert.Equal(t, State("new"), *thing.State, "an unknown value survives")
	assert.True(t, thing.Note.IsNull())
	assert.Equal(t, 2026, thing.Seen.Year())
}
