package bench

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"testing"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/junkiemock"
	"github.com/keysmith-go/keysmith/mockserver/keycratemock"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
	"github.com/keysmith-go/keysmith/mockserver/luaprotmock"
)

// stock is how many keys a shop has: more than any list shows.
const stock = 1000

// question is a request, and what it is to be answered with.
type question struct {
	method, host, path, body string
	header                   http.Header
	status                   int
}

// shop is a vendor with keys, and the three requests that are measured of it.
type shop struct {
	get, list question // list: 50 keys, or as many as the vendor shows
	create    question // empty: no two creates of the vendor are alike
}

// shops stocks every vendor of a server.
func shops(s *mockserver.Server) map[string]shop {
	return map[string]shop{"junkie": stockJunkie(s), "luaprot": stockLuaProt(s), "keycrate": stockKeycrate(s), "keygen": stockKeygen(s)}
}

func number(i int) string { return "BENCH-KEY-" + strconv.Itoa(i) }

func stockJunkie(s *mockserver.Server) shop {
	w := s.Junkie()
	provider := w.AddProvider("shop")
	var last int64
	for i := range stock {
		last = w.AddKey(junkiemock.Key{Value: number(i), ProviderID: provider.ID}).ID
	}
	about := question{host: "api.jnkie.com", header: http.Header{"Authorization": {"Bearer " + w.APIKey()}}, status: http.StatusOK}
	get, list, create := about, about, about
	get.method, get.path = http.MethodGet, "/api/v2/keys/"+strconv.FormatInt(last, 10)
	list.method, list.path = http.MethodGet, "/api/v2/keys?limit=50"
	create.method, create.path, create.status = http.MethodPost, "/api/v2/keys", http.StatusCreated
	create.body = `{"provider_id":` + strconv.FormatInt(provider.ID, 10) + `,"validity_minutes":1440,"key_name":"bench"}`
	return shop{get, list, create.json()}
}

func stockLuaProt(s *mockserver.Server) shop {
	w := s.LuaProt()
	hub := w.AddHub("shop")
	for i := range stock {
		w.AddKey(luaprotmock.Key{Value: number(i), HubID: hub.ID, HWID: "device"}) // or there would be too many that are nobody's
	}
	about := question{method: http.MethodGet, host: "luaprot.net", header: http.Header{"Authorization": {w.APIKey()}}, status: http.StatusOK}.json()
	get, list := about, about
	get.path, list.path = "/api/v1/hubs/"+hub.ID+"/keys/info?key="+number(stock/2), "/api/v1/keys/fetch?page=1"
	return shop{get: get, list: list} // a hub takes 300 keys that are nobody's, and no two that are somebody's
}

func stockKeycrate(s *mockserver.Server) shop {
	w := s.Keycrate()
	app := w.AppID()
	sub := w.AddSubscription(keycratemock.Subscription{AppID: app, Name: "gold", Level: 1})
	for i := range stock {
		w.AddLicense(keycratemock.License{Key: number(i), AppID: app, SubscriptionID: sub.ID})
	}
	about := question{method: http.MethodPost, host: "api.keycrate.dev", header: http.Header{"X-Api-Key": {w.APIKey()}}, status: http.StatusOK}
	get, list, create := about, about, about
	get.path, get.body = "/license/get", `{"license_key":"`+number(stock/2)+`"}`
	list.path, list.body = "/license/get-bulk", `{"app_id":"`+app+`","per_page":50}`
	create.path, create.body = "/license/create", `{"app_id":"`+app+`","subscription_id":"`+sub.ID+`","duration_unit":"days","duration_value":7}`
	return shop{get.json(), list.json(), create.json()}
}

func stockKeygen(s *mockserver.Server) shop {
	w := s.Keygen()
	policy := w.AddPolicy(keygenmock.Policy{})
	var last string
	for i := range stock {
		last = w.AddLicense(keygenmock.License{Key: number(i), PolicyID: policy.ID}).ID
	}
	at := "/v1/accounts/" + w.Account() + "/licenses"
	about := question{host: "api.keygen.sh", header: http.Header{"Authorization": {"Bearer " + w.Token()}}, status: http.StatusOK}
	get, list, create := about, about, about
	get.method, get.path = http.MethodGet, at+"/"+last
	list.method, list.path = http.MethodGet, at+"?limit=50"
	create.method, create.path, create.status = http.MethodPost, at, http.StatusCreated
	create.body = `{"data":{"type":"licenses","attributes":{"name":"bench"},"relationships":{"policy":{"data":{"type":"policies","id":"` + policy.ID + `"}}}}}`
	return shop{get, list, create.json()}
}

// json is the request with a body of this type.
func (a question) json() question {
	a.header = a.header.Clone()
	a.header.Set("Content-Type", "application/json")
	return a
}

// do sends the request n times to a place, or to the vendor itself if that is
// empty, and reads the answers.
func (a question) do(b testing.TB, client *http.Client, base string, n int) (size int) {
	if base == "" {
		base = "https://" + a.host
	}
	for range n {
		var body io.Reader
		if a.body != "" {
			body = bytes.NewReader([]byte(a.body))
		}
		req, err := http.NewRequestWithContext(context.Background(), a.method, base+a.path, body)
		if err != nil {
			b.Fatal(err)
		}
		for name, values := range a.header {
			req.Header[name] = values
		}
		resp, err := client.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		read, err := io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != a.status {
			b.Fatalf("%s %s: %s, %v", a.method, a.path, resp.Status, err)
		}
		size = int(read)
	}
	return size
}

// fixed answers every request with a status and so many bytes.
func fixed(status, size int) http.Handler {
	answer := bytes.Repeat([]byte("x"), size)
	length := []string{strconv.Itoa(size)}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header()["Content-Type"] = []string{"application/json"}
		w.Header()["Content-Length"] = length
		w.WriteHeader(status)
		_, _ = w.Write(answer)
	})
}
