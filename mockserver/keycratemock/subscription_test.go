package keycratemock

import (
	"time"

	"github.com/stretchr/testify/assert"
)

var subscriptionProofs = proofs{
	ruleSubscriptionFields: func(s *stage) {
		r := s.post("subscription/create", `{"app_id": "@app", "name": "premium", "level": 2, "single_key_per_hwid": true}`).ok()
		id := r.Text("data.id")
		got, found := s.world.Subscription(id)
		assert.True(s, found)
		assert.Equal(s, Subscription{ID: id, AppID: defaultAppID, Name: "premium", Level: 2, SingleKeyPerHWID: true, Status: StatusActive,
			CreatedAt: t0, UpdatedAt: t0}, got)
		assert.Equal(s, []string{"subscription.created " + id}, s.Kinds())
	},
	ruleSubscriptionDefaults: func(s *stage) {
		s.post("subscription/create", `{"app_id": "@app", "name": "x"}`).ok().
			has("data.level", "1").has("data.single_key_per_hwid", "false").has("data.status", `"active"`)
		s.post("subscription/create", `{"app_id": "@app", "name": "x", "level": 0}`).ok().has("data.level", "0")
	},
	ruleSubscriptionTwice: func(s *stage) {
		a := s.post("subscription/create", `{"app_id": "@app", "name": "premium"}`).ok().Text("data.id")
		b := s.post("subscription/create", `{"app_id": "@app", "name": "premium"}`).ok().Text("data.id")
		assert.NotEqual(s, a, b)
		assert.Len(s, s.world.Subscriptions(), 3)
	},
	ruleEditKeeps: func(s *stage) {
		want := s.sub
		for _, c := range []struct {
			fields, changed string
			change          func()
		}{
			{`"name": "pro"`, "name", func() { want.Name = "pro" }},
			{`"level": 5, "name": null`, "level", func() { want.Level = 5 }},
			{`"single_key_per_hwid": true`, "single_key_per_hwid", func() { want.SingleKeyPerHWID = true }},
			{`"status": "paused"`, "status", func() { want.Status = StatusPaused }},
			{`"status": "active", "level": 0`, "level status", func() { want.Status, want.Level = StatusActive, 0 }},
		} {
			s.Advance(time.Minute)
			r := s.post("subscription/edit", `{"subscription_id": "@sub", `+c.fields+`}`).ok()
			c.change()
			want.UpdatedAt = s.Now
			got, _ := s.world.Subscription(s.sub.ID)
			assert.Equal(s, want, got)
			assert.Equal(s, c.changed, s.Effects[len(s.Effects)-1].Detail)
			assert.Equal(s, r.Raw("data"), s.post("subscription/get-bulk", `{"app_id": "@app"}`).Raw("data.0"))
		}
		s.Advance(time.Minute)
		s.post("subscription/edit", `{"subscription_id": "@sub", "level": 0}`).ok() // as it was
		got, _ := s.world.Subscription(s.sub.ID)
		assert.Equal(s, want, got)
	},
	ruleEditNothing: func(s *stage) {
		s.post("subscription/edit", `{"subscription_id": "@sub"}`).invalid("body")
		s.post("subscription/edit", `{"subscription_id": "@sub", "name": null}`).invalid("body")
	},
	ruleEditSingle: func(s *stage) {
		a, b := s.seed("A", License{HWIDLock: true, HWID: "pc", ActivatedAt: t0}), s.seed("B", License{HWIDLock: true, HWID: "pc", ActivatedAt: t0})
		s.post("subscription/edit", `{"subscription_id": "@sub", "single_key_per_hwid": true}`).ok()
		assert.Equal(s, []License{a, b}, s.world.Licenses())
		s.login("A", "pc").told(200, CodeVerified)
		s.login("B", "pc").told(200, CodeVerified)
		s.seed("C", License{HWIDLock: true})
		s.login("C", "pc").told(403, CodeDeviceRegistered)
	},
	ruleSubscriptionStatus: func(s *stage) {
		s.boundary("status", []string{`"active"`, `"paused"`}, []string{`"inactive"`, `"Active"`, `""`}, "subscription/edit")
	},
	ruleSubscriptionCascade: func(s *stage) {
		pro := s.world.AddSubscription(Subscription{Name: "pro"})
		for _, key := range []string{"A", "B"} {
			s.seed(key, License{SubscriptionID: pro.ID, Username: key})
		}
		keep := s.seed("keep", License{SubscriptionID: s.sub.ID})
		s.Effects = nil
		s.post("subscription/delete", `{"subscription_id": "`+pro.ID+`"}`).ok()
		assert.Equal(s, []License{keep}, s.world.Licenses())
		s.login("A", "pc").told(404, CodeLicenseNotFound)
		assert.Equal(s, []string{"license.deleted A", "license.deleted B", "subscription.deleted " + pro.ID}, s.Kinds())
	},
	ruleSubscriptionDeleted: func(s *stage) {
		for range 3 {
			s.world.AddLicense(License{})
		}
		s.post("subscription/delete", `{"subscription_id": "@sub"}`).ok().has("data", `{"deleted":1,"licenses_deleted":3}`)
		s.post("subscription/delete", `{"subscription_id": "@sub"}`).refused(404, "SUBSCRIPTION_NOT_FOUND")
		empty := s.world.AddSubscription(Subscription{})
		s.post("subscription/delete", `{"subscription_id": "`+empty.ID+`"}`).ok().has("data", `{"deleted":1,"licenses_deleted":0}`)
	},
	ruleSubscriptionsAll: func(s *stage) {
		for range 150 {
			s.world.AddSubscription(Subscription{})
		}
		s.world.AddSubscription(Subscription{AppID: s.world.AddApp("other").ID})
		assert.Len(s, s.post("subscription/get-bulk", `{"app_id": "@app"}`).ok().has("total", "absent").keys(), 151)
	},
	ruleSubscriptionsOrder: func(s *stage) {
		for _, sub := range []Subscription{{Name: "b", Level: 2}, {Name: "a", Level: 2}, {Name: "z", Level: 0}, {Name: "c", Level: 10}} {
			s.world.AddSubscription(sub)
		}
		r := s.post("subscription/get-bulk", `{"app_id": "@app"}`).ok()
		for i, name := range []string{"z", "basic", "a", "b", "c"} {
			r.has("data."+string(rune('0'+i))+".name", `"`+name+`"`)
		}
	},
}
