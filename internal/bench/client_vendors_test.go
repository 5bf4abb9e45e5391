package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/luaprot"
)

// Pages of the other vendors, against the same careful person.

const (
	account = "11111111-1111-4111-8111-111111111111"
	perPage = 50
)

// items joins n things, each made of its number.
func items(n int, one string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = strings.ReplaceAll(one, "{n}", fmt.Sprintf("%06d", i))
	}
	return strings.Join(all, ",")
}

func luaprotPage() string {
	return `{"success":true,"message":"Keys fetched","keys":[` + items(perPage, `{"hubId":"12345678901234567890","hubName":"Hub",`+
		`"advertiseId":null,"discordId":"100000000000{n}","key":"0123456789abcdef01{n}","expire":1775033400,"note":"order {n}","created":1772366400,`+
		`"activated":true,"hwid":"device-{n}","hwidResetCount":1,"lastHwidReset":1772452800,"executionCount":42,"lastExecution":1772539200,`+
		`"blacklisted":false,"blacklistReason":null,"limitedScripts":[],"discordData":null}`) + `],"limitPerPage":50,"totalPages":20,"totalKeys":1000}`
}

type handLuaProtPage struct {
	Success bool `json:"success"`
	Keys    []struct {
		HubID           string   `json:"hubId"`
		HubName         string   `json:"hubName"`
		AdvertiseID     *string  `json:"advertiseId"`
		DiscordID       *string  `json:"discordId"`
		Key             string   `json:"key"`
		Expire          *int64   `json:"expire"`
		Note            *string  `json:"note"`
		Created         int64    `json:"created"`
		Activated       bool     `json:"activated"`
		HWID            *string  `json:"hwid"`
		HWIDResetCount  int      `json:"hwidResetCount"`
		LastHWIDReset   int64    `json:"lastHwidReset"`
		ExecutionCount  int      `json:"executionCount"`
		LastExecution   int64    `json:"lastExecution"`
		Blacklisted     bool     `json:"blacklisted"`
		BlacklistReason *string  `json:"blacklistReason"`
		LimitedScripts  []string `json:"limitedScripts"`
		DiscordData     *struct {
			ID       string `json:"id"`
			Username string `json:"username"`
		} `json:"discordData"`
	} `json:"keys"`
	TotalKeys  int `json:"totalKeys"`
	TotalPages int `json:"totalPages"`
}

func BenchmarkClientPageLuaProt(b *testing.B) {
	base := startVendor(b)
	hand := newHand(base)
	keysmith, err := luaprot.New(luaprot.Config{APIKey: apiKey, BaseURL: base, HTTPClient: &http.Client{Transport: ownTransport()}, Pacing: luaprot.NoPacing()})
	if err != nil {
		b.Fatal(err)
	}
	Compare(b,
		often(b, "hand", func(ctx context.Context) (bool, error) {
			var page handLuaProtPage
			err := hand.call(ctx, http.MethodGet, "/api/v1/keys/fetch?page=1", nil, http.StatusOK, &page)
			return len(page.Keys) == perPage, err
		}),
		often(b, "keysmith", func(ctx context.Context) (bool, error) {
			page, err := keysmith.Keys.List(ctx, luaprot.ListKeysParams{Page: 1})
			return err == nil && len(page.Keys) == perPage, err
		}),
	)
}

func keygenPage() string {
	base := "/v1/accounts/" + account
	license := base + "/licenses/55555555-5555-4555-8555-555555{n}"
	one := func(name, data string) string {
		return `"` + name + `":{"links":{"related":"` + license + "/" + name + `"},` + data + `}`
	}
	return `{"data":[` + items(perPage, `{"id":"55555555-5555-4555-8555-555555{n}","type":"licenses","attributes":{"name":"order-{n}",`+
		`"key":"AAAAAA-BBBBBB-CCCCCC-{n}","expiry":"2026-04-01T08:30:00.000Z","status":"ACTIVE","uses":0,"suspended":false,"scheme":null,"encrypted":false,`+
		`"strict":false,"floating":false,"protected":false,"version":null,"maxMachines":2,"maxProcesses":null,"maxUsers":null,"maxCores":null,`+
		`"maxMemory":null,"maxDisk":null,"maxUses":null,"requireHeartbeat":false,"requireCheckIn":false,"lastValidated":"2026-03-02T08:30:00.000Z",`+
		`"lastCheckIn":null,"nextCheckIn":null,"lastCheckOut":null,"metadata":{},"created":"2026-03-01T12:00:00.000Z","updated":"2026-03-02T08:30:00.000Z"},`+
		`"relationships":{"account":{"links":{"related":"`+base+`"},"data":{"type":"accounts","id":"`+account+`"}},`+
		one("product", `"data":{"type":"products","id":"22222222-2222-4222-8222-222222222222"}`)+","+
		one("policy", `"data":{"type":"policies","id":"33333333-3333-4333-8333-333333333333"}`)+","+
		one("group", `"data":null`)+","+one("owner", `"data":null`)+","+one("users", `"meta":{"count":0}`)+","+
		one("machines", `"meta":{"cores":0,"memory":0,"disk":0,"count":0}`)+`},"links":{"self":"`+license+`"}}`) +
		`],"links":{"self":"` + base + `/licenses","next":null}}`
}

type handRelationship struct {
	Data *struct {
		ID string `json:"id"`
	} `json:"data"`
}

type handKeygenPage struct {
	Data []struct {
		ID         string `json:"id"`
		Attributes struct {
			Name             *string        `json:"name"`
			Key              string         `json:"key"`
			Expiry           *time.Time     `json:"expiry"`
			Status           string         `json:"status"`
			Uses             int            `json:"uses"`
			Suspended        bool           `json:"suspended"`
			Scheme           *string        `json:"scheme"`
			Encrypted        bool           `json:"encrypted"`
			Strict           bool           `json:"strict"`
			Floating         bool           `json:"floating"`
			Protected        bool           `json:"protected"`
			Version          *string        `json:"version"`
			MaxMachines      *int           `json:"maxMachines"`
			MaxProcesses     *int           `json:"maxProcesses"`
			MaxUsers         *int           `json:"maxUsers"`
			MaxCores         *int           `json:"maxCores"`
			MaxMemory        *int           `json:"maxMemory"`
			MaxDisk          *int           `json:"maxDisk"`
			MaxUses          *int           `json:"maxUses"`
			RequireHeartbeat bool           `json:"requireHeartbeat"`
			RequireCheckIn   bool           `json:"requireCheckIn"`
			LastValidated    *time.Time     `json:"lastValidated"`
			LastCheckIn      *time.Time     `json:"lastCheckIn"`
			NextCheckIn      *time.Time     `json:"nextCheckIn"`
			LastCheckOut     *time.Time     `json:"lastCheckOut"`
			Metadata         map[string]any `json:"metadata"`
			Created          time.Time      `json:"created"`
			Updated          time.Time      `json:"updated"`
		} `json:"attributes"`
		Relationships struct {
			Account  handRelationship `json:"account"`
			Product  handRelationship `json:"product"`
			Policy   handRelationship `json:"policy"`
			Group    handRelationship `json:"group"`
			Owner    handRelationship `json:"owner"`
			Machines struct {
				Meta struct {
					Count int `json:"count"`
				} `json:"meta"`
			} `json:"machines"`
		} `json:"relationships"`
	} `json:"data"`
	Links struct {
		Next *string `json:"next"`
	} `json:"links"`
}

func BenchmarkClientPageKeygen(b *testing.B) {
	base := startVendor(b)
	hand := newHand(base)
	keysmith, err := keygen.New(keygen.Config{Account: account, Credential: keygen.Token(apiKey), BaseURL: base, HTTPClient: &http.Client{Transport: ownTransport()}})
	if err != nil {
		b.Fatal(err)
	}
	Compare(b,
		often(b, "hand", func(ctx context.Context) (bool, error) {
			var page handKeygenPage
			err := hand.call(ctx, http.MethodGet, "/accounts/"+account+"/licenses?limit=50", nil, http.StatusOK, &page)
			return len(page.Data) == perPage, err
		}),
		often(b, "keysmith", func(ctx context.Context) (bool, error) {
			page, err := keysmith.Licenses.List(ctx, keygen.ListLicensesParams{Limit: perPage})
			return err == nil && len(page.Items) == perPage, err
		}),
	)
}

func keycratePage() string {
	return `{"success":true,"data":[` + items(perPage, `{"id":"77777777-7777-4777-8777-777777{n}","key":"KEY-{n}-AAAA","app_id":"`+account+`",`+
		`"subscription_id":"22222222-2222-4222-8222-222222222222","status":"active","username":null,"hwid_lock":true,"hwid":"device-{n}",`+
		`"hwid_reset_allowed":true,"hwid_reset_cooldown":86400,"last_hwid_reset_at":null,"duration_unit":"days","duration_value":30,"duration_seconds":2592000,`+
		`"activated_at":"2026-03-02T08:30:00.000Z","expires_at":"2026-04-01T08:30:00.000Z","metadata":{},"tags":["shop"],`+
		`"created_at":"2026-03-01T12:00:00.000Z","updated_at":"2026-03-02T08:30:00.000Z"}`) + `],"page":1,"per_page":50,"total":1000,"total_pages":20}`
}

type handKeycratePage struct {
	Success bool `json:"success"`
	Data    []struct {
		ID                string         `json:"id"`
		Key               string         `json:"key"`
		AppID             string         `json:"app_id"`
		SubscriptionID    string         `json:"subscription_id"`
		Status            string         `json:"status"`
		Username          *string        `json:"username"`
		HWIDLock          bool           `json:"hwid_lock"`
		HWID              *string        `json:"hwid"`
		HWIDResetAllowed  bool           `json:"hwid_reset_allowed"`
		HWIDResetCooldown int            `json:"hwid_reset_cooldown"`
		LastHWIDResetAt   *time.Time     `json:"last_hwid_reset_at"`
		DurationUnit      string         `json:"duration_unit"`
		DurationValue     int            `json:"duration_value"`
		DurationSeconds   int64          `json:"duration_seconds"`
		ActivatedAt       *time.Time     `json:"activated_at"`
		ExpiresAt         *time.Time     `json:"expires_at"`
		Metadata          map[string]any `json:"metadata"`
		Tags              []string       `json:"tags"`
		CreatedAt         time.Time      `json:"created_at"`
		UpdatedAt         time.Time      `json:"updated_at"`
	} `json:"data"`
	Total      int `json:"total"`
	TotalPages int `json:"total_pages"`
}

func BenchmarkClientPageKeycrate(b *testing.B) {
	base := startVendor(b)
	hand := newHand(base)
	keysmith, err := keycrate.New(keycrate.Config{APIKey: apiKey, BaseURL: base, HTTPClient: &http.Client{Transport: ownTransport()}})
	if err != nil {
		b.Fatal(err)
	}
	Compare(b,
		often(b, "hand", func(ctx context.Context) (bool, error) {
			body, err := json.Marshal(map[string]any{"app_id": account, "page": 1, "per_page": perPage})
			if err != nil {
				return false, err
			}
			var page handKeycratePage
			err = hand.call(ctx, http.MethodPost, "/license/get-bulk", body, http.StatusOK, &page)
			return len(page.Data) == perPage, err
		}),
		often(b, "keysmith", func(ctx context.Context) (bool, error) {
			page, err := keysmith.Licenses.List(ctx, keycrate.ListLicensesParams{AppID: account, Page: 1, PerPage: perPage})
			return err == nil && len(page.Licenses) == perPage, err
		}),
	)
}
