package conformance

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// keygenRow is a row of the vendor's own list of what its key operations must
// do: who asks for what in which situation, and all that comes of it.
//
// Texts may name objects of test1 as $keys[0], which stands for the id of the
// oldest key; $keys[-1] is the newest.
type keygenRow struct {
	name   string
	proves string

	given  []rowFixture
	as     rowBearer
	ask    string // method and path below the account: "GET /keys/$keys[0]"
	header string // one more than usual
	body   string

	status  int
	want    rowDocument // of the answer; nil: none
	early   bool        // refused before anybody looks who asks
	counts  string      // what is noted: webhooks/events/requests, - being left open
	event   string      // of the event; empty: none
	effects string      // kinds of lasting changes
	left    map[string]int
}

// rowBearer is who asks: "" is nobody, and "admin", "product", "license" and
// "user" are the oldest of test1.
type rowBearer string

const rowStranger rowBearer = "admin of test2"

// keygenRows are all rows but those about environments, which only another
// edition has.
var keygenRows = rowScenarios(slices.Concat(
	rowsOfCreation,
	rowsOfDeletion,
	rowsOfLists,
	rowsOfKeys,
	rowsOfUpdates,
	rowsOfRelations,
	rowsOfPools,
	rowsOfPops,
	rowsOfLicenses,
))

// rowScenarios makes scenarios of rows. The vendor takes a token in two forms:
// each row is played with one in process and with the other over the wire.
func rowScenarios(rows []keygenRow) []scenario[*keygenStage] {
	var list []scenario[*keygenStage]
	for i, row := range rows {
		list = append(list, scenario[*keygenStage]{name: row.name, proves: row.proves, play: func(s *keygenStage) {
			row.play(s, (i%2 == 0) == (s.Way == ways[0].name))
		}})
	}
	return list
}

// The vendor's list has 110 rows, of which 17 need environments, and two more for
// licenses that are drawn from a pool.
func TestKeygenRowsAreComplete(t *testing.T) {
	t.Parallel()
	require.Len(t, keygenRows, 95)
}

// rowDelay is how long after the situation came about the question is asked, so
// that what is new can be told by its time.
const rowDelay = time.Hour

// rowPlay is a row in progress.
type rowPlay struct {
	*keygenStage
	keygenRow
	scheme string // of Authorization
	token  keygenmock.Token
	before keygenWorld
	after  keygenWorld
	now    time.Time
	answer answer
}

func (row keygenRow) play(s *keygenStage, bearer bool) {
	p := &rowPlay{keygenStage: s, keygenRow: row, scheme: "Basic", now: epoch.Add(rowDelay)}
	if bearer {
		p.scheme = "Bearer"
	}
	for _, fixture := range row.given {
		fixture(rowPlace{s.behind, test1})
	}
	p.issueToken()
	s.at(rowDelay)
	p.before = s.behind.look(test1)
	effects := s.effects(p.send)
	p.after = s.behind.look(test1)
	p.assertAnswer()
	p.assertHeaders()
	p.assertSigned()
	p.assertNoted()
	p.assertChanged(effects)
}

// issueToken gives the one who asks a token.
func (p *rowPlay) issueToken() {
	switch p.as {
	case "":
	case rowStranger:
		p.token = p.behind.token(test2, "admin")
	default:
		p.token = p.behind.token(test1, string(p.as))
	}
}

// question is the method and the URL that the row asks for.
func (p *rowPlay) question() (method, address string) {
	method, path, _ := strings.Cut(p.expand(p.ask), " ")
	return method, p.keygenURL + "/accounts/" + test1 + path
}

func (p *rowPlay) send() {
	method, address := p.question()
	headers := []string{"Accept: application/vnd.api+json", "Content-Type: application/vnd.api+json"}
	if p.as != "" {
		headers = append(headers, "Authorization: "+p.scheme+" "+p.credential())
	}
	if p.header != "" {
		headers = append(headers, p.header)
	}
	p.answer = p.keygenStage.send(p.T, method, address, p.expand(p.body), headers)
}

func (p *rowPlay) credential() string {
	if p.scheme == "Bearer" {
		return p.token.Value
	}
	return base64.StdEncoding.EncodeToString([]byte("token:" + p.token.Value))
}

// expand puts ids in the place of what names objects as they were before.
func (p *rowPlay) expand(text string) string { return p.before.expand(p.T, text) }

// assertAnswer compares status and document as a whole.
func (p *rowPlay) assertAnswer() {
	require.Equal(p, p.status, p.answer.Status, p.answer.Body)
	if p.want == nil {
		assert.Empty(p, p.answer.Body)
		return
	}
	assert.JSONEq(p, p.want(p), p.answer.Body)
}

var rowRequestID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func (p *rowPlay) assertHeaders() {
	want := map[string]string{
		"Content-Type":     "application/vnd.api+json; charset=utf-8",
		"Keygen-Version":   "1.8",
		"Keygen-Edition":   "CE",
		"Keygen-Mode":      "multiplayer",
		"Keygen-Account":   p.ids[test1],
		"Keygen-Bearer":    p.token.BearerID,
		"Keygen-Token":     p.token.ID,
		"Www-Authenticate": "",
		"Location":         "",
	}
	switch {
	case p.status == http.StatusCreated:
		want["Location"] = p.location()
	case p.status == http.StatusUnauthorized:
		want["Www-Authenticate"] = p.challenge()
	case p.status == http.StatusNoContent:
		want["Content-Type"] = ""
	}
	if p.early || p.status == http.StatusUnauthorized {
		want["Keygen-Bearer"], want["Keygen-Token"] = "", ""
	}
	header := p.answer.Header
	for name, value := range want {
		assert.Equal(p, value, header.Get(name), name)
		assert.LessOrEqual(p, len(header.Values(name)), 1, name)
	}
	assert.Contains(p, header.Get("Cache-Control"), "no-store")
	assert.NotEmpty(p, header.Get("Keygen-Revision"))
	assert.Regexp(p, rowRequestID, header.Get("X-Request-Id"))
	for _, absent := range []string{"Keygen-Environment", "Keygen-License", "X-Signature", "X-RateLimit-Limit", "ETag"} {
		assert.NotContains(p, header, http.CanonicalHeaderKey(absent))
	}
}

// location is the URL of what was created, which an answer names with the id of
// the account.
func (p *rowPlay) location() string {
	_, address := p.question()
	at, err := url.Parse(address)
	require.NoError(p, err)
	made := p.answer.at(p, "data")
	data, _ := made.(map[string]any)
	return fmt.Sprintf("https://%s/v1/accounts/%s/%s/%s", at.Host, p.ids[test1], data["type"], data["id"])
}

// challenge names the scheme that was tried, if one was.
func (p *rowPlay) challenge() string {
	if p.as == "" {
		return `Bearer realm="keygen"`
	}
	return p.scheme + ` realm="keygen"`
}

var rowSignatureForm = regexp.MustCompile(`^keyid="([^"]*)", algorithm="ed25519", signature="([^"]*)", headers="\(request-target\) host date digest"$`)

// assertSigned verifies the signature of the answer with the public key of the
// account, from nothing but what was sent and received.
func (p *rowPlay) assertSigned() {
	method, address := p.question()
	asked, err := url.Parse(address)
	require.NoError(p, err)
	header := p.answer.Header
	date, digest := header.Get("Date"), header.Get("Digest")
	assert.Equal(p, p.now.Format(http.TimeFormat), date)
	assert.Equal(p, date, header.Get("Keygen-Date"))
	sum := sha256.Sum256([]byte(p.answer.Body))
	assert.Equal(p, "sha-256="+base64.StdEncoding.EncodeToString(sum[:]), digest)
	assert.Equal(p, digest, header.Get("Keygen-Digest"))

	parts := rowSignatureForm.FindStringSubmatch(header.Get("Keygen-Signature"))
	require.NotNil(p, parts, "%q", header.Get("Keygen-Signature"))
	assert.Equal(p, p.ids[test1], parts[1])
	signature, err := base64.StdEncoding.DecodeString(parts[2])
	require.NoError(p, err)
	signed := fmt.Sprintf("(request-target): %s %s\nhost: %s\ndate: %s\ndigest: %s",
		strings.ToLower(method), asked.RequestURI(), asked.Host, date, digest)
	assert.True(p, ed25519.Verify(p.behind.publicKey(test1), []byte(signed), signature), "the signature is not of\n%s", signed)
}

// assertNoted checks what the vendor noted in the background since the account
// was opened.
func (p *rowPlay) assertNoted() {
	if p.counts == "" {
		return
	}
	notes := p.behind.noted(test1)
	got := []int{notes.Webhooks, notes.EventLogs, notes.RequestLogs}
	for i, want := range strings.Split(p.counts, "/") {
		if want != "-" {
			assert.Equal(p, want, fmt.Sprint(got[i]), [...]string{"webhook jobs", "event logs", "request logs"}[i])
		}
	}
	if p.event == "" {
		assert.Empty(p, notes.Events)
	} else {
		assert.Equal(p, []string{p.event}, notes.Events)
	}
}

// assertChanged checks that what should change did, and nothing else.
func (p *rowPlay) assertChanged(effects []string) {
	kinds := []string{}
	for _, effect := range effects {
		kind, _, _ := strings.Cut(effect, " ")
		kinds = append(kinds, kind)
	}
	assert.ElementsMatch(p, strings.Fields(p.effects), kinds)
	if p.effects == "" {
		assert.Equal(p, p.before, p.after)
	}
	for kind, n := range p.left {
		assert.Len(p, p.after.ids(kind), n, "%s left", kind)
	}
}
