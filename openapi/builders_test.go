package openapi_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/transport"
)

// request is one call of a builder and what it must put on the wire.
type request struct {
	build             func() (transport.Request, error)
	op                transport.Op
	path, query, body string
}

// Each builder puts on the wire what its arguments say, to the byte.
func TestRequestsOnTheWire(t *testing.T) {
	eachVendor(t, func(t *testing.T, v vendor, _ *openapi3.T) {
		built := map[string]bool{}
		for name, want := range v.requests {
			built[want.op.ID] = true
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				req, err := want.build()
				require.NoError(t, err)
				assert.Equal(t, want.op, req.Op)
				assert.Equal(t, want.path, req.Path)
				assert.Equal(t, want.query, req.Query)
				assert.Equal(t, want.body, string(req.Body))
				if want.body == "" {
					assert.Nil(t, req.Body)
					assert.Empty(t, req.ContentType)
				} else {
					assert.Equal(t, v.mediaType, req.ContentType)
				}
			})
		}
		for _, op := range v.operations {
			assert.True(t, built[op.ID], "%s is never built", op.ID)
		}
	})
}

var placeholder = regexp.MustCompile(`\{(\w+)\}`)

// A value that would address another resource never becomes a request.
func TestBuildersRefuseDangerousPathValues(t *testing.T) {
	eachVendor(t, func(t *testing.T, v vendor, _ *openapi3.T) {
		for _, op := range v.operations {
			places := placeholder.FindAllStringSubmatch(op.Path, -1)
			if places == nil {
				continue
			}
			require.Contains(t, v.addressed, op.ID)
			for i, place := range places {
				for _, value := range []string{"", ".", ".."} {
					values := slices.Repeat([]string{"sound"}, len(places))
					values[i] = value
					req, err := v.addressed[op.ID](values...)
					require.ErrorContains(t, err, place[1], "%s %q", op.ID, values)
					assert.Zero(t, req, "%s %q", op.ID, values)
				}
			}
		}
	})
}

// The models know every field of the document's examples: a request example
// comes back unchanged from its builder, an answer example is read whole.
func TestModelsCarryTheExamples(t *testing.T) {
	eachVendor(t, func(t *testing.T, v vendor, doc *openapi3.T) {
		for _, op := range operations(doc) {
			if op.RequestBody != nil {
				require.Contains(t, v.bodies, op.OperationID)
				for name, example := range only(op.RequestBody.Value.Content).Examples {
					raw := marshal(t, example.Value.Value)
					req, err := v.bodies[op.OperationID](raw)
					require.NoError(t, err, "%s %s", op.OperationID, name)
					assert.JSONEq(t, string(raw), string(req.Body), "%s %s", op.OperationID, name)
				}
			}
			for status, response := range op.Responses.Map() {
				for name, example := range contentExamples(response) {
					read := v.refusal
					if strings.HasPrefix(status, "2") {
						require.Contains(t, v.answers, op.OperationID)
						read = v.answers[op.OperationID]
					}
					assert.NoError(t, read(marshal(t, example.Value.Value)), "%s %s %s", op.OperationID, status, name)
				}
			}
		}
	})
}

// one, two and three take a builder's path values from a list.
func one(build func(string) (transport.Request, error)) func(...string) (transport.Request, error) {
	return func(values ...string) (transport.Request, error) { return build(values[0]) }
}

func two(build func(string, string) (transport.Request, error)) func(...string) (transport.Request, error) {
	return func(values ...string) (transport.Request, error) { return build(values[0], values[1]) }
}

func three(build func(string, string, string) (transport.Request, error)) func(...string) (transport.Request, error) {
	return func(values ...string) (transport.Request, error) { return build(values[0], values[1], values[2]) }
}

// rebuild reads a body into its model and hands it to a builder.
func rebuild[T any](build func(T) (transport.Request, error)) func([]byte) (transport.Request, error) {
	return func(raw []byte) (transport.Request, error) {
		var body T
		if err := decodeStrictly(raw, &body); err != nil {
			return transport.Request{}, err
		}
		return build(body)
	}
}

// strictly reads an answer into its model and refuses fields it does not know.
func strictly[T any](raw []byte) error { return decodeStrictly(raw, new(T)) }

func decodeStrictly(raw []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return raw
}

func ptr[T any](v T) *T { return &v }
