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
	if fail := invalid(&q.Checks); fail != nil {
		return core.Answer{}, fail
	}
	rows, total := c.state.keys.owned[c.apiKey.UserID].Page(match, page, limit)
	pages := core.Pages(total, limit)
	c.Decided(ruleListAnswer, ruleListOrder, ruleListTotals, ruleAuthAccount)
	if page > pages {
		c.Decided(ruleListPastEnd)
	}
	if len(rows) > 0 {
		c.noteKey()
	}
	texts := c.shown.Texts(len(rows), func(i int) look { return c.lookOf(rows[i]) }, look.write)
	return core.List(http.StatusOK, `{"keys":[`, texts, core.Encode(struct {
		Pagination paginationJSON `json:"pagination"`
	}{paginationJSON{Page: page, Limit: limit, Total: total, TotalPages: pages}})), nil
}

func (q query) readPage() (page, limit int64) {
	page, paged := q.Integer("page", core.Range{Min: 1, Max: math.MaxInt64, Rule: ruleBoundPage})
	limit, limited := q.Integer("limit", core.Range{Min: 1, Max: maxLimit, Rule: ruleBoundLimit})
	if limit > maxLimit {
		q.Turn.Decided(ruleLimitRefused)
	}
	if !paged {
		page = 1
	}
	if !limited {
		limit = defaultLimit
	}
	if !paged && !limited {
		q.Turn.Decided(ruleListDefaults)
	}
	return page, limit
}

type folderJSON struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	CreatedAt string `json:"created_at"`
}

func (c *call) listFolders() (core.Answer, *failure) {
	c.Decided(ruleFoldersAnswer, ruleFoldersOrder, ruleRouteFoldersWin, ruleAuthAccount)
	list := []folderJSON{}
	for _, f := range c.state.folders.of(c.apiKey.UserID) {
		list = append(list, folderJSON{ID: f.ID, Name: f.Name, CreatedAt: timestamp(f.CreatedAt)})
	}
	slices.SortFunc(list, func(a, b folderJSON) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return core.JSON(http.StatusOK, struct {
		Folders []folderJSON `json:"folders"`
	}{list}), nil
}
