package conformance

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// The ids and texts of the vendor's page on keys.
const (
	pagePolicy = "4ba02145-d1e7-4443-8104-dd1e4236d869"
	pageKey    = "6e936a61-94ad-44d1-88ac-88da9f10eca7"
	pageOther  = "b18e3f3a-330c-4d8d-ae2e-014db21fa827"
	pageText   = "C1B6DE-39A6E3-DE1529-8559A0-4AF593-V3"
	pageChange = "9adce-26df1-9c487-nb293-d0279"
)

// pageCall is a call on that page.
type pageCall struct {
	name, method, path string
	body               string // as JSON without any blanks
	status             int
	assert             func(t *testing.T, w *keygenmock.World, a answer)
}

var pageCalls = []pageCall{
	{
		"create", "POST", "/keys",
		`{"data":{"type":"keys","attributes":{"key":"` + pageText + `"},"relationships":{"policy":{"data":{"type":"policies","id":"` + pagePolicy + `"}}}}}`, 201,
		func(t *testing.T, w *keygenmock.World, a answer) {
			stored, found := w.Key(a.at(t, "data.id").(string))
			assert.True(t, found)
			assert.Equal(t, []string{pageText, pagePolicy}, []string{stored.Key, stored.PolicyID})
		},
	},
	{"retrieve", "GET", "/keys/" + pageKey, "", 200, func(t *testing.T, _ *keygenmock.World, a answer) {
		assert.Equal(t, pageKey, a.at(t, "data.id"))
	}},
	{
		"update", "PATCH", "/keys/" + pageOther, `{"data":{"type":"keys","attributes":{"key":"` + pageChange + `"}}}`, 200,
		func(t *testing.T, w *keygenmock.World, a answer) {
			assert.Equal(t, pageChange, a.at(t, "data.attributes.key"))
			stored, _ := w.Key(pageOther)
			assert.Equal(t, pageChange, stored.Key)
		},
	},
	{"delete", "DELETE", "/keys/" + pageKey, "", 204, func(t *testing.T, w *keygenmock.World, _ answer) {
		_, found := w.Key(pageKey)
		assert.False(t, found)
	}},
	{"list", "GET", "/keys?limit=15", "", 200, assertPageOf(15)},
}

// assertPageOf checks the length of a list of 19 keys.
func assertPageOf(n int) func(*testing.T, *keygenmock.World, answer) {
	return func(t *testing.T, _ *keygenmock.World, a answer) {
		assert.Len(t, a.at(t, "data"), n)
		assert.NotContains(t, a.Body, `],"links"`)
	}
}

// pageTool is a program that sends the calls of the page, with the headers that
// it adds to those of the page. $ stands for the length of the body.
type pageTool struct {
	name    string
	accept  string
	headers []string // of every request, in its order
	ofBody  []string // of a request with a body
	without []string // of a request of another method than GET without one
	spells  func(body string) string
	answers string // Content-Type
}

var pageTools = []pageTool{
	{
		name: "curl", accept: jsonAPI, answers: inJSONAPI,
		headers: []string{"Host: {HOST}", "User-Agent: curl/8.14.1", "Accept: {ACCEPT}", "Authorization: Bearer {TOKEN}"},
		ofBody:  []string{"Content-Type: application/vnd.api+json", "Content-Length: $"},
		spells: func(body string) string {
			return strings.NewReplacer("{", "{\n  ", "}", "\n}", ":", ": ", ",", ",\n  ").Replace(body)
		},
	},
	{
		name: "node-fetch", accept: jsonAPI, answers: inJSONAPI,
		headers: []string{
			"Accept: {ACCEPT}", "Authorization: Bearer {TOKEN}", "User-Agent: node-fetch/1.0 (+https://github.com/bitinn/node-fetch)",
			"Accept-Encoding: gzip,deflate", "Connection: close", "Host: {HOST}",
		},
		ofBody: []string{"Content-Type: application/vnd.api+json", "Content-Length: $"},
		spells: func(body string) string { return body },
	},
	{
		name: "python-requests", accept: jsonAPI, answers: inJSONAPI,
		headers: []string{
			"Host: {HOST}", "User-Agent: python-requests/2.32.4", "Accept-Encoding: gzip, deflate", "Accept: {ACCEPT}", "Connection: keep-alive",
			"Authorization: Bearer {TOKEN}",
		},
		ofBody:  []string{"Content-Type: application/vnd.api+json", "Content-Length: $"},
		without: []string{"Content-Length: 0"},
		spells:  func(body string) string { return strings.NewReplacer(":", ": ", ",", ", ").Replace(body) },
	},
	{
		name: "cpprestsdk", accept: "application/json", answers: inJSON,
		headers: []string{"Host: {HOST}", "Connection: Keep-Alive", "User-Agent: cpprestsdk/2.10.19", "Authorization: Bearer {TOKEN}", "Accept: {ACCEPT}"},
		ofBody:  []string{"Content-Type: application/vnd.api+json", "Content-Length: $"},
		without: []string{"Content-Length: 0"},
		spells:  func(body string) string { return body },
	},
}

// text is a call as the tool puts it on the wire.
func (tool pageTool) text(call pageCall, fill *strings.Replacer) string {
	headers, body := tool.headers, tool.spells(call.body)
	switch {
	case body != "":
		headers = append(headers[:len(headers):len(headers)], tool.ofBody...)
	case call.method != "GET":
		headers = append(headers[:len(headers):len(headers)], tool.without...)
	}
	text := call.method + " /v1/accounts/{ACCOUNT}" + call.path + " HTTP/1.1\r\n" + strings.Join(headers, "\r\n") + "\r\n\r\n"
	return strings.Replace(fill.Replace(strings.ReplaceAll(text, "{ACCEPT}", tool.accept)), "$", fmt.Sprint(len(body)), 1) + body
}

// The calls that the vendor prints for its readers work here as they stand, with
// host, account and token replaced, and sent as the tools for them do.
func TestKeygenCallsOfTheVendorsPage(t *testing.T) {
	t.Parallel()
	for _, tool := range pageTools {
		for _, call := range pageCalls {
			t.Run(tool.name+" "+call.name, func(t *testing.T) {
				t.Parallel()
				playPageCall(t, tool, call)
			})
		}
	}
}

// One example names the parameter limit otherwise, which the vendor ignores.
func TestKeygenCallOfTheVendorsPageWithAnUnknownParameter(t *testing.T) {
	t.Parallel()
	restSharp := pageTool{
		name: "RestSharp", accept: jsonAPI, answers: inJSONAPI,
		headers: []string{
			"Accept: {ACCEPT}", "Authorization: Bearer {TOKEN}", "User-Agent: RestSharp/106.15.0.0", "Connection: Keep-Alive",
			"Accept-Encoding: gzip, deflate", "Host: {HOST}",
		},
		spells: func(body string) string { return body },
	}
	call := pageCall{"list", "GET", "/keys?list=15", "", 200, assertPageOf(10)}
	playPageCall(t, restSharp, call, mockserver.AllowFindings(`unknown query parameter "list"`))
}

func playPageCall(t *testing.T, tool pageTool, call pageCall, opts ...mockserver.Option) {
	s := mockserver.RunT(t, opts...)
	endpoint, err := s.Listen("127.0.0.1:0")
	require.NoError(t, err)
	world := s.Keygen()
	world.AddPolicy(keygenmock.Policy{ID: pagePolicy, Pooled: true})
	for i := range 19 {
		key := keygenmock.Key{PolicyID: pagePolicy}
		switch i {
		case 17:
			key.ID = pageKey
		case 18:
			key.ID = pageOther
		}
		world.AddKey(key)
	}
	host := strings.TrimSuffix(strings.TrimPrefix(endpoint.Keygen(), "http://"), "/v1")
	text := tool.text(call, strings.NewReplacer("{HOST}", host, "{ACCOUNT}", world.Account(), "{TOKEN}", world.Token()))

	x := exchangeRaw(t, host, text)
	require.NoError(t, loadContract(t, "keygen").check(x, false), text)
	a := answer{x.resp.StatusCode, x.resp.Header, string(x.got)}
	require.Equal(t, call.status, a.Status, a.Body)
	if call.status != http.StatusNoContent {
		assert.Equal(t, tool.answers, a.Header.Get("Content-Type"))
	}
	call.assert(t, world, a)
}

// exchangeRaw sends a text over a socket of its own and reads the answer.
func exchangeRaw(t *testing.T, host, text string) exchange {
	t.Helper()
	conn, err := net.Dial("tcp", host)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	require.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	_, err = io.WriteString(conn, text)
	require.NoError(t, err)
	x := exchange{}
	x.req, err = http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	require.NoError(t, err)
	x.req.URL.Scheme, x.req.URL.Host = "http", host
	x.sent, err = io.ReadAll(x.req.Body)
	require.NoError(t, err)
	x.resp, err = http.ReadResponse(bufio.NewReader(conn), x.req)
	require.NoError(t, err)
	x.got, err = io.ReadAll(x.resp.Body)
	require.NoError(t, err)
	return x
}
