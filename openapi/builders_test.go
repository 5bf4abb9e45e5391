package openapi_test

import (
	"bytes"
	"encoding/json"
	"regexp"
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
					assert.Equal(t, "application/json", req.ContentType)
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
			place := placeholder.FindStringSubmatch(op.Path)
			if place == nil {
				continue
			}
			require.Contains(t, v.addressed, op.ID)
			for _, value := range []string{"", ".", ".."} {
				req, err := v.addressed[op.ID](value)
				require.ErrorContains(t, err, place[1], "%s %q", op.ID, value)
				assert.Zero(t, req, "%s %q", op.ID, value)
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
				for name, example := range op.RequestBody.Value.Content["application/json"].Examples {
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
