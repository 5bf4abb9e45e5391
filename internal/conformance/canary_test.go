package conformance

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/internal/transport"
	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// assertShowsNone fails if a text shows one of the secrets, or an address, which
// may hold one.
func assertShowsNone(t *testing.T, secrets []string, text string) {
	t.Helper()
	for _, scheme := range []string{"http://", "https://"} {
		assert.NotContains(t, text, scheme, "an address")
	}
	assertHides(t, secrets, text)
}

// assertHides fails if a text shows one of the secrets in any usual form.
func assertHides(t *testing.T, secrets []string, text string) {
	t.Helper()
	for _, secret := range secrets {
		for _, form := range formsOf(secret) {
			if at := strings.Index(text, form); at >= 0 {
				t.Errorf("%q is shown as %q: …%s…", secret, form, text[max(0, at-200):min(len(text), at+len(form)+50)])
				return
			}
		}
	}
}

func formsOf(secret string) []string {
	quoted, _ := json.Marshal(secret)
	forms := []string{
		secret,
		url.QueryEscape(secret), url.PathEscape(secret),
		strings.Trim(string(quoted), `"`),
		base64.StdEncoding.EncodeToString([]byte(secret)),
		fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprintf("% x", secret),
		strings.Trim(fmt.Sprint([]byte(secret)), "[]"),
		strings.Trim(fmt.Sprintf("%#v", []byte(secret)), "[]byte{}"),
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// transcript is everything that was printed.
type transcript struct{ bytes.Buffer }

// show prints a value in every way that one might.
func (p *transcript) show(value any) {
	p.print(value)
	encoded, err := json.Marshal(value)
	fmt.Fprintf(p, "%s %v\n", encoded, err)
}

// print is show without encoding, for what can be stored.
func (p *transcript) print(value any) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%t"} {
		fmt.Fprintf(p, verb+"\n", value)
	}
	fmt.Fprintln(p, value)
	log := p.logger()
	log.Info("shown", "value", value, slog.Group("group", "value", value))
	log.With("value", value).Info("shown")
	if err, ok := value.(error); ok {
		for ; err != nil; err = errors.Unwrap(err) {
			fmt.Fprintln(p, err)
		}
	}
}

// logger writes down all levels in both formats of the standard library.
func (p *transcript) logger() *slog.Logger {
	all := &slog.HandlerOptions{Level: slog.LevelDebug}
	return slog.New(bothHandlers{slog.NewTextHandler(p, all), slog.NewJSONHandler(p, all)})
}

// Nothing that a call leaves behind shows the API key, the value of a key or a
// device: not the log, not the attempts, not the error, however they are printed.
func TestCanaryOfCalls(t *testing.T) {
	t.Parallel()
	for _, v := range matrices() {
		for _, op := range v.operations {
			for i, h := range hazards() {
				c := cell{v, op, h, i%2 == 1} // every other hazard passes, so that successes are printed too
				t.Run(c.String(), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { c.checkTranscript(t) })
				})
			}
		}
	}
}

func (c cell) checkTranscript(t *testing.T) {
	var printed transcript
	network := &network{outage: c.hazard.outage, times: c.times()}
	s := mockserver.RunT(t, mockserver.WithStart(epoch))
	end := c.run(t, s, network.overTheWire, network, settings{
		maxResponseBytes: maxAnswer,
		logger:           printed.logger(),
		witness:          func(attempt any) { printed.show(attempt) },
	})
	printed.show(end.err)
	printed.show(struct{ err error }{end.err})
	text := printed.String()
	require.Contains(t, text, `"op":"`+c.op.ID+`"`, "the log")
	require.Contains(t, text, "op="+c.op.ID, "the log")
	require.Contains(t, text, "Number:1", "the attempts")
	assertHides(t, end.secrets, text)
}

// What holds a secret can be printed.
func TestCanaryOfValues(t *testing.T) {
	t.Parallel()
	for _, v := range matrices() {
		s := mockserver.RunT(t)
		r := inProcess(t, s)
		r.serve(s)
		var printed transcript
		exhibits, secrets := v.exhibits(t, r)
		for _, value := range exhibits {
			printed.show(value)
		}
		assert.Greater(t, len(exhibits), 10, v.name)
		assertHides(t, secrets, printed.String())
	}
}

// A token that was just made can be stored, but nobody prints it by accident.
func TestCanaryOfNewTokens(t *testing.T) {
	t.Parallel()
	s := mockserver.RunT(t)
	r := inProcess(t, s)
	r.serve(s)
	var printed, stored transcript
	client := keygenClientWith(t, r, settings{logger: printed.logger(), witness: func(attempt any) { printed.print(attempt) }})
	token, err := client.Products.CreateToken(t.Context(), s.Keygen().AddProduct(keygenmock.Product{}).ID)
	require.NoError(t, err)
	for _, value := range []any{token, *token, struct{ Token *keygen.ProductToken }{token}, struct{ Token keygen.ProductToken }{*token}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			fmt.Fprintf(&printed, verb, value)
		}
	}
	printed.print(token)
	printed.print(*token)
	assert.Contains(t, printed.String(), token.ID)
	assertHides(t, []string{token.Token}, printed.String())
	stored.show(token)
	assert.Contains(t, stored.String(), token.Token)
}

// The canary sings: what is not protected is found, in every form.
func TestCanaryIsFound(t *testing.T) {
	t.Parallel()
	const secret = "5e9d2c1a-7b"
	forms := formsOf(secret)
	assert.Len(t, forms, 7, "each a form of its own")
	assert.NotContains(t, forms, "")
	type naked struct{ key string }
	for name, value := range map[string]any{"text": secret, "field": naked{secret}, "bytes": []byte(secret), "error": errors.New(secret)} {
		var printed transcript
		printed.show(value)
		found := false
		for _, form := range formsOf(secret) {
			found = found || strings.Contains(printed.String(), form)
		}
		assert.True(t, found, name)
	}
}

// A vendor, or a proxy on the way, that repeats what it was sent does not get it
// into an error or a hook: neither the credential nor what the path names, nor the
// secrets of the body.
func TestCanaryOfEchoes(t *testing.T) {
	t.Parallel()
	for _, v := range matrices() {
		for _, op := range v.operations {
			for _, status := range []int{400, 403, 404, 500} {
				t.Run(fmt.Sprintf("%s.%s/%d", v.name, op.ID, status), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { echo(t, v, op, status) })
				})
			}
		}
	}
}

func echo(t *testing.T, v vendorMatrix, op transport.Op, status int) {
	var printed transcript
	s := mockserver.RunT(t)
	r := inProcess(t, s)
	r.serve(s)
	var paths []string
	r.http.Transport = echoing{r.http.Transport, status, &paths}
	scene := v.stage(t, r, settings{logger: printed.logger(), witness: func(attempt any) { printed.show(attempt) }})
	err := scene.drives[op.ID].call(t.Context())
	require.Error(t, err)
	assert.Contains(t, err.Error(), "you sent")
	printed.show(err)
	named := slices.DeleteFunc(slices.Clone(scene.named), func(id string) bool { // a body may name it, too
		return !strings.Contains(strings.Join(paths, " "), id)
	})
	assertHides(t, append(scene.secrets(), named...), printed.String())
}

// echoing answers every request with what it says in its headers, its address
// and its body.
type echoing struct {
	base   http.RoundTripper
	status int
	paths  *[]string // that were asked for
}

func (e echoing) RoundTrip(req *http.Request) (*http.Response, error) {
	*e.paths = append(*e.paths, req.URL.Path)
	var sent []byte
	if req.Body != nil {
		var err error
		if sent, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	text := fmt.Sprintf("you sent %s to %s with %v", sent, req.URL, req.Header)
	credential := req.Header.Get("Authorization") + req.Header.Get("X-Api-Key")
	body, err := json.Marshal(map[string]any{"error": text, "message": text, "code": credential, "error_code": credential,
		"details": []any{map[string]string{"field": req.URL.Path, "message": text}},
		"errors": []any{map[string]any{"title": text, "detail": text, "code": credential,
			"source": map[string]string{"pointer": req.URL.Path}, "links": map[string]string{"about": req.URL.String()}}}})
	if err != nil {
		return nil, err
	}
	answer := httptest.NewRecorder()
	answer.Header().Set("Content-Type", "application/json")
	answer.Header().Set("X-Echo", text)
	answer.Header().Set("Location", req.URL.String())
	answer.WriteHeader(e.status)
	answer.Write(body)
	return answer.Result(), nil
}

// A program that dies with a client in its hands does not take the key to the
// log of the crash.
func TestCanaryOfPanics(t *testing.T) {
	t.Parallel()
	const variable = "KEYSMITH_TEST_PANIC"
	for _, v := range matrices() {
		s := mockserver.New()
		r := inProcess(t, s)
		r.serve(s)
		exhibits, secrets := v.exhibits(t, r)
		if index := os.Getenv(variable); index != "" {
			for i, value := range exhibits {
				if index == fmt.Sprint(v.name, i) {
					panic(value)
				}
			}
			continue
		}
		for _, i := range []int{0, len(exhibits) / 2, len(exhibits) - 1} {
			command := exec.Command(os.Args[0], "-test.run=^TestCanaryOfPanics$")
			command.Env = append(os.Environ(), variable+"="+fmt.Sprint(v.name, i))
			output, err := command.CombinedOutput()
			require.Error(t, err)
			require.Contains(t, string(output), "panic: ")
			assertHides(t, secrets, string(output))
		}
	}
}

// A redirect takes nothing to another server, whatever its status.
func TestRedirectsReachNobody(t *testing.T) {
	t.Parallel()
	for _, v := range matrices() {
		for _, status := range []int{301, 302, 303, 307, 308} {
			t.Run(fmt.Sprintf("%s/%d", v.name, status), func(t *testing.T) {
				t.Parallel()
				var visits atomic.Int32
				elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
				defer elsewhere.Close()
				s := mockserver.RunT(t)
				r := new(network).loopback(t, s)
				r.serve(s)
				s.Inject(mockserver.Fault{Op: v.name + ".*", Do: mockserver.Status(status).WithHeader("Location", elsewhere.URL+"/api/v2/keys")})
				drives := v.stage(t, r, settings{noWaits: true}).drives
				for _, op := range v.operations {
					s.ResetJournal() // of what the client did to find out about calls before
					err := drives[op.ID].call(t.Context())
					require.ErrorIs(t, err, transport.ErrBadResponse, op.ID)
					assert.NotContains(t, err.Error(), elsewhere.URL)
					s.AssertCalls(t, 1, v.name+"."+op.ID)
				}
				assert.Zero(t, visits.Load(), "requests to where the redirects point")
			})
		}
	}
}

// bothHandlers hands every record to two handlers.
type bothHandlers [2]slog.Handler

func (b bothHandlers) Enabled(context.Context, slog.Level) bool { return true }

func (b bothHandlers) Handle(ctx context.Context, r slog.Record) error {
	return errors.Join(b[0].Handle(ctx, r.Clone()), b[1].Handle(ctx, r.Clone()))
}

func (b bothHandlers) WithAttrs(attrs []slog.Attr) slog.Handler {
	return bothHandlers{b[0].WithAttrs(attrs), b[1].WithAttrs(attrs)}
}

func (b bothHandlers) WithGroup(name string) slog.Handler {
	return bothHandlers{b[0].WithGroup(name), b[1].WithGroup(name)}
}
