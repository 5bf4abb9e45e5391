package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// healthCommand asks a server that is running somewhere.
type healthCommand struct {
	URL        string `placeholder:"URL" help:"The server's URL; by default that of --listen."`
	Listen     string `placeholder:"ADDRESS" default:"${listen}" help:"The address that the server was told to listen on, ${default} by default."`
	AdminToken string `placeholder:"TOKEN" help:"The server's token, if it has one."`
}

// Bounds of a server that is asked for its health.
const (
	healthTimeout = 5 * time.Second
	maxHealth     = 1 << 20
)

// health asks a server whether it is well, and tells why it is not.
func (p process) health(t *told) int {
	at := t.Health.URL
	if at == "" {
		var err error
		if at, err = urlOf(t.Health.Listen); err != nil {
			return p.fail(t.refuse("listen", err))
		}
	}
	if err := ask(at, t.Health.AdminToken); err != nil {
		return p.fail(fmt.Errorf("no healthy server at %s: %w", shownURL(at), err))
	}
	return 0
}

// shownURL is a URL without the name and the password that may be in it.
func shownURL(text string) string {
	if scheme, rest, found := strings.Cut(text, "://"); found {
		return scheme + "://" + rest[strings.LastIndex(rest, "@")+1:]
	}
	return text
}

// urlOf is the URL as which this machine reaches a server that listens on an
// address.
func urlOf(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	if port == "0" {
		return "", fmt.Errorf("%q does not say which port was free: give the server's URL by --url", address)
	}
	if addr, err := netip.ParseAddr(host); err == nil && addr.IsUnspecified() && addr.Is6() {
		host = "::1"
	} else if err == nil && addr.IsUnspecified() || host == "" {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port), nil
}

// ask returns why a server is not well. It follows no redirect and asks no
// proxy: what is meant is this server.
func ask(base, token string) error {
	ctx, cancel := context.WithTimeout(context.Background(), healthTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(base, "/")+"/__admin/health", nil)
	if malformed := (*url.Error)(nil); errors.As(err, &malformed) {
		return malformed.Err // without the URL
	} else if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxHealth))
	if err != nil {
		return err
	}
	var said struct{ Status, Detail string }
	switch err := json.Unmarshal(body, &said); {
	case resp.StatusCode != http.StatusOK:
		return errors.New(strings.TrimSuffix("it answers "+resp.Status+": "+said.Detail, ": "))
	case err != nil || said.Status != "ok":
		return errors.New("what answers there is no mock server")
	}
	return nil
}
