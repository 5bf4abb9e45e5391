package conformance

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// contract is a vendor's document in a form that forgives nothing: answers have
// every property that is not marked x-optional, and neither answers nor
// requests have any other. The document itself must allow more, since a client
// has to survive whatever the vendor sends; the mock has to keep to it.
type contract struct {
	doc    *openapi3.T
	router routers.Router
	media  string           // of all bodies
	errors *openapi3.Schema // what answers outside the document look like
	called sync.Map         // the operations that clients have called, by their ids
	vendorWays
}

// vendorWays is what a vendor takes besides what its document says.
type vendorWays struct {
	// schemes that take a credential like Bearer does.
	schemes []string
	// canonical rewrites a request that means the same as one of the document.
	canonical func(*http.Request)
	// alsoPlain: a request of ours that is not a client's may ask for
	// application/json in place of the document's media type.
	alsoPlain bool
	// browsers: programs may be web pages, whose browser asks on its own whether
	// they may call. No document of ours has that.
	browsers bool
}

var waysOf = map[string]vendorWays{
	"keygen":   {schemes: []string{"Basic ", "License "}, canonical: keygenCanonical, alsoPlain: true},
	"keycrate": {browsers: true},
}

// init adds the form of ids, which the library does not check of itself.
func init() {
	openapi3.DefineStringFormatValidator("uuid", openapi3.NewRegexpFormatValidator(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`))
}

func loadContract(t *testing.T, vendor string) *contract {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join("..", "..", "openapi", vendor+".yaml"))
	require.NoError(t, err)
	for _, server := range doc.Servers { // whatever host it is reached by
		address, err := url.Parse(server.URL)
		require.NoError(t, err)
		server.URL = address.Path
	}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			tightenOperation(op)
		}
	}
	router, err := gorillamux.NewRouter(doc)
	require.NoError(t, err)
	c := &contract{doc: doc, router: router, media: mediaOf(doc), vendorWays: waysOf[vendor]}
	c.errors = cmp.Or(doc.Components.Schemas["ErrorDocument"], doc.Components.Schemas["Error"]).Value
	return c
}

// mediaOf is the media type of a document, which is the same for all answers.
func mediaOf(doc *openapi3.T) string {
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			for _, response := range op.Responses.Map() {
				for media := range response.Value.Content {
					return media
				}
			}
		}
	}
	panic("the document has no answers")
}

func tightenOperation(op *openapi3.Operation) {
	for _, response := range op.Responses.Map() {
		for _, content := range response.Value.Content {
			tighten(content.Schema, true)
		}
	}
	if op.RequestBody != nil {
		for _, content := range op.RequestBody.Value.Content {
			tighten(content.Schema, false)
		}
	}
}

// tighten closes a schema and all below it. Objects without any property are
// free-form and stay so.
func tighten(ref *openapi3.SchemaRef, complete bool) {
	if ref == nil {
		return
	}
	schema := ref.Value
	tighten(schema.Items, complete)
	if len(schema.Properties) == 0 {
		return
	}
	schema.AdditionalProperties = openapi3.AdditionalProperties{Has: new(bool)}
	for name, property := range schema.Properties {
		tighten(property, complete)
		if optional, _ := property.Value.Extensions["x-optional"].(bool); complete && !optional && !slices.Contains(schema.Required, name) {
			schema.Required = append(schema.Required, name)
		}
	}
}

// exchange is one request with its answer, both read.
type exchange struct {
	req  *http.Request
	sent []byte
	resp *http.Response
	got  []byte
}

func (c *contract) options() *openapi3filter.Options {
	return &openapi3filter.Options{
		MultiError:                        true,
		IncludeResponseStatus:             true,
		RejectWhenRequestBodyNotSpecified: true,
		SkipSettingDefaults:               true,
		AuthenticationFunc:                c.checkCredential,
	}
}

// checkCredential wants the API key in the form of the document: after a word
// for it or, in a header of its own, alone.
func (c *contract) checkCredential(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	scheme, header := in.SecurityScheme, in.RequestValidationInput.Request.Header
	if scheme.Type == "http" && scheme.Scheme == "bearer" {
		for _, word := range append([]string{"Bearer "}, c.schemes...) {
			if strings.HasPrefix(header.Get("Authorization"), word) {
				return nil
			}
		}
		return errors.New("no bearer token")
	}
	if key := header.Get(scheme.Name); scheme.Type != "apiKey" || scheme.In != "header" || key == "" || strings.Contains(key, " ") {
		return errors.New("no bare API key")
	}
	return nil
}

// check tells what is wrong with an answer, and with the request if a client
// of ours sent it.
func (c *contract) check(x exchange, byClient bool) error {
	req := x.req.Clone(context.Background())
	req.Body = http.NoBody
	if len(x.sent) > 0 {
		req.Body = io.NopCloser(bytes.NewReader(x.sent))
	}
	if !byClient {
		if c.canonical != nil {
			c.canonical(req)
		}
		if x.req.Method == http.MethodHead {
			return checkBodiless(x)
		}
		x.resp = c.plainly(x.resp)
	}
	route, params, err := c.router.FindRoute(req)
	if err != nil {
		if byClient {
			return fmt.Errorf("the document has no such operation: %w", err)
		}
		return c.checkOutside(x)
	}
	input := &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route, Options: c.options()}
	if byClient {
		c.called.Store(route.Operation.OperationID, true)
		err = errors.Join(checkQuery(route, req.URL.Query()), openapi3filter.ValidateRequest(req.Context(), input))
	}
	return errors.Join(err, checkAnswer(input, x))
}

// plainly returns an answer with the document's media type in place of
// application/json, where that may be asked for.
func (c *contract) plainly(resp *http.Response) *http.Response {
	media, after, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	if !c.alsoPlain || media != "application/json" {
		return resp
	}
	same := *resp
	same.Header = resp.Header.Clone()
	same.Header.Set("Content-Type", c.media+";"+after)
	return &same
}

// checkQuery refuses parameters that the document does not have, which the
// library accepts.
func checkQuery(route *routers.Route, query url.Values) error {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if route.Operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			return fmt.Errorf("the document has no query parameter %s", name)
		}
		if n := len(query[name]); n != 1 {
			return fmt.Errorf("the query parameter %s is sent %d times", name, n)
		}
	}
	return nil
}

func checkAnswer(input *openapi3filter.RequestValidationInput, x exchange) error {
	response := input.Route.Operation.Responses.Status(x.resp.StatusCode)
	if response != nil && len(response.Value.Content) == 0 {
		return checkEmpty(x)
	}
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: x.resp.StatusCode, Header: x.resp.Header, Options: input.Options,
	}
	return openapi3filter.ValidateResponse(context.Background(), answer.SetBodyBytes(x.got))
}

func checkBodiless(x exchange) error {
	if len(x.got) > 0 {
		return fmt.Errorf("the answer to a HEAD has %d bytes", len(x.got))
	}
	return nil
}

func checkEmpty(x exchange) error {
	if media := x.resp.Header.Values("Content-Type"); len(x.got) > 0 || len(media) > 0 {
		return fmt.Errorf("the answer has %d bytes of %q, the document says no content", len(x.got), media)
	}
	return nil
}

// checkOutside checks the answer to a request that the document does not know:
// a refusal like any other.
func (c *contract) checkOutside(x exchange) error {
	if c.browsers && x.req.Method == http.MethodOptions && x.resp.StatusCode == http.StatusNoContent {
		return checkEmpty(x)
	}
	if !slices.Contains([]int{http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed}, x.resp.StatusCode) {
		return fmt.Errorf("status %d answers an operation that is not in the document", x.resp.StatusCode)
	}
	if media, _, _ := strings.Cut(x.resp.Header.Get("Content-Type"), ";"); media != c.media {
		return fmt.Errorf("an error is sent as %q", media)
	}
	var body any
	if err := json.Unmarshal(x.got, &body); err != nil {
		return err
	}
	return c.errors.VisitJSON(body)
}

// inspect puts the contract between a rig and its server.
func (c *contract) inspect(t *testing.T, r *rig) {
	r.seen = &tape{}
	next := r.http.Transport
	r.http = &http.Client{Transport: &inspector{next, c, r.seen, t, true}}
	r.raw = &http.Client{Transport: &inspector{next, c, r.seen, t, false}}
}

// inspector holds what passes through it against a contract.
type inspector struct {
	next     http.RoundTripper
	contract *contract
	seen     *tape
	t        *testing.T
	byClient bool
}

func (i *inspector) RoundTrip(req *http.Request) (*http.Response, error) {
	x := exchange{req: req}
	if req.Body != nil {
		var err error
		if x.sent, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		_ = req.Body.Close()
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(bytes.NewReader(x.sent))
	}
	resp, err := i.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	x.resp = resp
	x.got, err = io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(x.got))
	i.seen.add(x)
	assert.NoError(i.t, i.contract.check(x, i.byClient), "%s %s\n%s\nwas answered %d\n%s",
		req.Method, req.URL.Path, x.sent, resp.StatusCode, x.got)
	return resp, nil
}

// tape keeps the last exchange.
type tape struct {
	mu   sync.Mutex
	last exchange
}

func (t *tape) add(x exchange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = x
}

// answer is the body of the last answer.
func (t *tape) answer() string { return string(t.read().got) }

// request is the body of the last request.
func (t *tape) request() string { return string(t.read().sent) }

// query is the query of the last request.
func (t *tape) query() url.Values { return t.read().req.URL.Query() }

func (t *tape) read() exchange {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last
}
