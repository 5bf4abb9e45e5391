package conformance

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/keycrate"
)

// Where the examples of the document are.
const (
	exampleApp = "10000000-0000-4000-8000-000000000001"
	exampleSub = "20000000-0000-4000-8000-000000000001"
	otherSub   = "20000000-0000-4000-8000-000000000002"
	exampleKey = "EXAMPLE-KEY-0001"
	otherKey   = "EXAMPLE-KEY-0002"
)

// keycrateReads has, for each operation, what a caller gets to see of its answer
// but for Raw, which shows everything.
var keycrateReads = map[string]func(context.Context, *keycrate.Client, *keycrate.App) (any, error){
	"createLicense": read1(func(ctx context.Context, c *keycrate.Client) (*keycrate.License, error) {
		return c.Licenses.Create(ctx, keycrate.CreateLicenseParams{AppID: exampleApp, SubscriptionID: exampleSub, Duration: keycrate.Days(7)})
	}),
	"createLicensesBulk": readAll(func(ctx context.Context, c *keycrate.Client) ([]*keycrate.License, error) {
		return c.Licenses.CreateBulk(ctx, 2, keycrate.CreateLicenseParams{AppID: exampleApp, SubscriptionID: exampleSub, Duration: keycrate.Days(7)})
	}),
	"extendLicense": read1(func(ctx context.Context, c *keycrate.Client) (*keycrate.License, error) {
		return c.Licenses.Extend(ctx, exampleKey, time.Hour)
	}),
	"extendLicensesBulk": readAll(func(ctx context.Context, c *keycrate.Client) ([]*keycrate.License, error) {
		return c.Licenses.ExtendBulk(ctx, []string{exampleKey}, time.Hour)
	}),
	"deleteLicense": func(ctx context.Context, c *keycrate.Client, _ *keycrate.App) (any, error) {
		return nil, c.Licenses.Delete(ctx, exampleKey)
	},
	"deleteLicensesBulk": func(ctx context.Context, c *keycrate.Client, _ *keycrate.App) (any, error) {
		return rawless(c.Licenses.DeleteBulk(ctx, []string{exampleKey}))
	},
	"getLicense": read1(func(ctx context.Context, c *keycrate.Client) (*keycrate.License, error) {
		return c.Licenses.Get(ctx, exampleKey)
	}),
	"listLicenses": func(ctx context.Context, c *keycrate.Client, _ *keycrate.App) (any, error) {
		page, err := c.Licenses.List(ctx, keycrate.ListLicensesParams{AppID: exampleApp})
		if err == nil {
			withoutRaw(page.Licenses)
		}
		return page, err
	},
	"updateLicenseStatus": read1(func(ctx context.Context, c *keycrate.Client) (*keycrate.License, error) {
		return c.Licenses.Pause(ctx, exampleKey)
	}),
	"updateLicenseStatusBulk": readAll(func(ctx context.Context, c *keycrate.Client) ([]*keycrate.License, error) {
		return c.Licenses.SetStatusBulk(ctx, []string{exampleKey}, keycrate.StatusPaused)
	}),
	"updateLicenseSubscription": read1(func(ctx context.Context, c *keycrate.Client) (*keycrate.License, error) {
		return c.Licenses.SetSubscription(ctx, exampleKey, exampleSub)
	}),
	"updateLicenseCredentials": read1(func(ctx context.Context, c *keycrate.Client) (*keycrate.License, error) {
		return c.Licenses.SetCredentials(ctx, exampleKey, keycrate.Credentials{Username: "u"})
	}),
	"updateLicenseMetadata": read1(func(ctx context.Context, c *keycrate.Client) (*keycrate.License, error) {
		return c.Licenses.SetMetadata(ctx, exampleKey, nil)
	}),
	"editHWID": read1(func(ctx context.Context, c *keycrate.Client) (*keycrate.License, error) {
		return c.HWIDs.Clear(ctx, exampleKey)
	}),
	"setHWIDLock": read1(func(ctx context.Context, c *keycrate.Client) (*keycrate.License, error) {
		return c.HWIDs.SetLock(ctx, exampleKey, true)
	}),
	"setHWIDLockBulk": readAll(func(ctx context.Context, c *keycrate.Client) ([]*keycrate.License, error) {
		return c.HWIDs.SetLockBulk(ctx, []string{exampleKey}, true)
	}),
	"setHWIDResetAllowed": read1(func(ctx context.Context, c *keycrate.Client) (*keycrate.License, error) {
		return c.HWIDs.SetResetAllowed(ctx, exampleKey, true)
	}),
	"setHWIDResetInterval": read1(func(ctx context.Context, c *keycrate.Client) (*keycrate.License, error) {
		return c.HWIDs.SetResetInterval(ctx, exampleKey, time.Hour)
	}),
	"createSubscription": func(ctx context.Context, c *keycrate.Client, _ *keycrate.App) (any, error) {
		return rawless(c.Subscriptions.Create(ctx, keycrate.CreateSubscriptionParams{AppID: exampleApp, Name: "n"}))
	},
	"editSubscription": func(ctx context.Context, c *keycrate.Client, _ *keycrate.App) (any, error) {
		return rawless(c.Subscriptions.Edit(ctx, exampleSub, keycrate.EditSubscriptionParams{Level: keycrate.Set(1)}))
	},
	"deleteSubscription": func(ctx context.Context, c *keycrate.Client, _ *keycrate.App) (any, error) {
		return rawless(c.Subscriptions.Delete(ctx, exampleSub))
	},
	"listSubscriptions": func(ctx context.Context, c *keycrate.Client, _ *keycrate.App) (any, error) {
		list, err := c.Subscriptions.List(ctx, exampleApp)
		withoutRaw(list)
		return list, err
	},
	"authenticate": func(ctx context.Context, _ *keycrate.Client, a *keycrate.App) (any, error) {
		return rawless(a.Authenticate(ctx, keycrate.AuthParams{License: exampleKey}))
	},
	"register": func(ctx context.Context, _ *keycrate.Client, a *keycrate.App) (any, error) {
		return rawless(a.Register(ctx, exampleKey, keycrate.Credentials{Username: "u", Password: "p"}))
	},
}

func read1(call func(context.Context, *keycrate.Client) (*keycrate.License, error)) func(context.Context, *keycrate.Client, *keycrate.App) (any, error) {
	return func(ctx context.Context, c *keycrate.Client, _ *keycrate.App) (any, error) {
		return rawless(call(ctx, c))
	}
}

func readAll(call func(context.Context, *keycrate.Client) ([]*keycrate.License, error)) func(context.Context, *keycrate.Client, *keycrate.App) (any, error) {
	return func(ctx context.Context, c *keycrate.Client, _ *keycrate.App) (any, error) {
		list, err := call(ctx, c)
		withoutRaw(list)
		return list, err
	}
}

// rawless takes Raw from a result, as far as there is one.
func rawless[T any](result *T, err error) (any, error) {
	if result != nil {
		withoutRaw([]*T{result})
	}
	return result, err
}

func withoutRaw[T any](list []*T) {
	for _, item := range list {
		switch item := any(item).(type) {
		case *keycrate.License:
			item.Raw = nil
		case *keycrate.Subscription:
			item.Raw = nil
		case *keycrate.Deletion:
			item.Raw = nil
		case *keycrate.Authentication:
			item.Raw = nil
		case *keycrate.Registration:
			item.Raw = nil
		default:
			panic("this has no Raw")
		}
	}
}

// keycrateUnread are the fields that a caller does not get to see, and why.
var keycrateUnread = map[string]string{
	"deleteLicense data.deleted":      "is 1, as the caller knows from there being no error",
	"deleteSubscription data.deleted": "is 1, as the caller knows from there being no error",
}

func TestKeycrateReadsEveryField(t *testing.T) {
	t.Parallel()
	assertReadsEveryField(t, "keycrate", keycrateUnread, func(t *testing.T, op string, http *http.Client) (any, error) {
		retry := keycrate.RetryPolicy{MaxAttempts: 1}
		client, err := keycrate.New(keycrate.Config{APIKey: "kc_key", HTTPClient: http, Retry: retry})
		require.NoError(t, err)
		app, err := keycrate.NewApp(keycrate.AppConfig{AppID: exampleApp, HTTPClient: http, Retry: retry})
		require.NoError(t, err)
		require.Contains(t, keycrateReads, op)
		return keycrateReads[op](t.Context(), client, app)
	})
}
