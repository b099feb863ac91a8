package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/steptrace/steptrace/store"
)

// healthTimeout is how long a health check waits for the store.
const healthTimeout = 10 * time.Second

// CheckHealth tells whether queries will work, and when not, why and what to do.
func (i *Instance) CheckHealth(ctx context.Context, _ *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	condition, err := i.db.Condition(ctx)
	if err != nil {
		return unhealthy(i.login.diagnose(err)), nil
	}
	return i.login.judge(condition), nil
}

func unhealthy(message string) *backend.CheckHealthResult {
	return &backend.CheckHealthResult{Status: backend.HealthStatusError, Message: legible(message)}
}

// health is what a successful check tells besides its message.
type health struct {
	ServerVersion string   `json:"serverVersion"`
	Schema        int      `json:"schema"`
	StateMachines uint64   `json:"stateMachines"`
	Executions    uint64   `json:"executions"` // that started in the last 24 hours
	Spans         uint64   `json:"spans"`
	Warnings      []string `json:"warnings,omitempty"`
}

// judge says what a store that answers is like.
func (l login) judge(c store.Condition) *backend.CheckHealthResult {
	switch {
	case c.Schema > c.Known:
		return unhealthy(fmt.Sprintf("The store's schema has version %d, this plugin knows %d at most: install a newer "+
			"Steptrace plugin.", c.Schema, c.Known))
	case c.Schema < c.Known:
		return unhealthy(fmt.Sprintf("The store's schema has version %d, this plugin needs %d: run `steptrace migrate` "+
			"of the plugin's version on database %q.", c.Schema, c.Known, l.database))
	}
	h := health{c.ServerVersion, c.Schema, c.StateMachines, c.Executions, c.Spans, nil}
	message := fmt.Sprintf("ClickHouse %s, schema %d: %d state machines, %d executions in the last 24 hours, %d spans.",
		c.ServerVersion, c.Schema, c.StateMachines, c.Executions, c.Spans)
	if c.MayWrite {
		warning := fmt.Sprintf("The user %q may write: give this data source one that may only read, as "+
			"`steptrace migrate --users` makes it.", l.username)
		h.Warnings = append(h.Warnings, warning)
		message += " " + warning
	}
	details, err := json.Marshal(h)
	if err != nil {
		return unhealthy(err.Error())
	}
	return &backend.CheckHealthResult{Status: backend.HealthStatusOk, Message: message, JSONDetails: details}
}
