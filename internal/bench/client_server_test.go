package bench

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// The vendor of these benchmarks is a process of its own, so that processor time
// and memory of this one are the client's alone: the test binary once more, told
// by this variable to serve instead. It ends when its standard input does.
const serves = "BENCH_SERVES"

func TestMain(m *testing.M) {
	if os.Getenv(serves) != "" {
		serve()
		return
	}
	os.Exit(m.Run())
}

// serve answers like all vendors, always with the same words, at an address that it
// writes to standard output.
func serve() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("http://" + listener.Addr().String())
	go func() { panic(http.Serve(listener, vendor())) }() //nolint:gosec // for the process that started it
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func vendor() http.Handler {
	mux := http.NewServeMux()
	for pattern, answer := range map[string]struct {
		status      int
		media, body string
	}{
		"GET /keys/{id}":                   {200, "application/json", `{"key":` + keyJSON(1, `,"discord_redemption":null`) + `}`},
		"GET /keys":                        {200, "application/json", pageJSON(50)},
		"POST /keys":                       {201, "application/json", `{"key":` + keyJSON(1, "") + `}`},
		"GET /api/v1/keys/fetch":           {200, "application/json", luaprotPage()},
		"GET /accounts/{account}/licenses": {200, "application/vnd.api+json", keygenPage()},
		"POST /license/get-bulk":           {200, "application/json", keycratePage()},
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", answer.media)
			w.Header().Set("Content-Length", strconv.Itoa(len(answer.body)))
			w.WriteHeader(answer.status)
			_, _ = io.WriteString(w, answer.body)
		})
	}
	return mux
}

// keyJSON is a key as Junkie writes it: some members are null, and one device
// is bound.
func keyJSON(id int, more string) string {
	return fmt.Sprintf(`{"id":%[1]d,"key_value":"JUNKIE-%032[1]X","user_id":4711,"key_name":"order-%[1]d",`+
		`"provider_id":7,"provider_name":"Main store","service_id":3,"service_name":"Pro","folder_id":null,"folder_name":null,`+
		`"discord_id":"100000000000%06[1]d","created_at":"2026-03-01T12:00:00.123Z","used_at":"2026-03-02T08:30:00.5Z",`+
		`"expires_at":"2026-04-01T08:30:00.5Z","validity_minutes":43200,"expiry_on_first_use":true,"is_premium":false,`+
		`"is_invalidated":false,"one_time_use":false,"hwid_limit":2,"no_hwid":false,`+
		`"hwids":[{"hwid":"device-%[1]d","executor_user_id":null,"bound_at":"2026-03-02T08:30:00.5Z","bound_by":"verify"}],`+
		`"keys_hwid":["device-%[1]d"]%[2]s}`, id, more)
}

func pageJSON(n int) string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = keyJSON(1000+i, "")
	}
	return fmt.Sprintf(`{"keys":[%s],"pagination":{"page":1,"limit":%d,"total":100000,"totalPages":%d}}`,
		strings.Join(keys, ","), n, 100000/n)
}

// startVendor returns the address of a server that lives as long as b.
func startVendor(b *testing.B) string {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serves+"=1")
	cmd.Stderr = os.Stderr
	life, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	words, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = life.Close()
		_ = cmd.Wait()
	})
	address, err := bufio.NewReader(words).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(address)
}
