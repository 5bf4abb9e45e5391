package junkiemock

import (
	"cmp"
	"math"
	"net/http"
	"slices"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

var listParameters = []string{
	"page", "limit", "key", "hwid", "discord_id", "service_id", "provider_id", "folder_id",
	"status", "expires_before", "expires_after",
}

const (
	defaultLimit = 50
	maxLimit     = 100
)

type paginationJSON struct {
	Page       int64 `json:"page"`
	Limit      int64 `json:"limit"`
	Total      int64 `json:"total"`
	TotalPages int64 `json:"totalPages"`
}

func (c *call) listKeys() (core.Answer, *failure) {
	q := c.readQuery()
	page, limit := q.readPage()
	match := c.readFilter(q)
	if fail := q.failure(); fail != nil {
		return core.Answer{}, fail
	}
	rows, total := c.state.keys.page(c.apiKey.userID, match, offset(page, limit), limit)
	pages := (total + limit - 1) / limit
	c.decided(ruleListAnswer, ruleListOrder, ruleListTotals, ruleAuthAccount)
	if page > pages {
		c.decided(ruleListPastEnd)
	}
	return answerJSON(http.StatusOK, struct {
		Keys       []keyJSON      `json:"keys"`
		Pagination paginationJSON `json:"pagination"`
	}{c.encodeKeys(rows), paginationJSON{Page: page, Limit: limit, Total: total, TotalPages: pages}}), nil
}

func (q *query) readPage() (page, limit int64) {
	page, paged := q.integer("page", integers{min: 1, max: math.MaxInt64, rule: ruleBoundPage})
	limit, limited := q.integer("limit", integers{min: 1, max: maxLimit, rule: ruleBoundLimit})
	if limit > maxLimit {
		q.turn.decided(ruleLimitRefused)
	}
	if !paged {
		page = 1
	}
	if !limited {
		limit = defaultLimit
	}
	if !paged && !limited {
		q.turn.decided(ruleListDefaults)
	}
	return page, limit
}

// offset is the number of the first key on a page, as far as numbers go.
func offset(page, limit int64) int64 {
	return min(page-1, (math.MaxInt64-limit)/limit) * limit
}

type folderJSON struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	CreatedAt string `json:"created_at"`
}

func (c *call) listFolders() (core.Answer, *failure) {
	c.decided(ruleFoldersAnswer, ruleFoldersOrder, ruleRouteFoldersWin, ruleAuthAccount)
	list := []folderJSON{}
	for _, f := range c.state.folders {
		if f.UserID == c.apiKey.userID {
			list = append(list, folderJSON{ID: f.ID, Name: f.Name, CreatedAt: timestamp(f.CreatedAt)})
		}
	}
	slices.SortFunc(list, func(a, b folderJSON) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return answerJSON(http.StatusOK, struct {
		Folders []folderJSON `json:"folders"`
	}{list}), nil
}
