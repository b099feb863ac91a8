package plugin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/steptrace/steptrace/grafana-plugin/backend/macro"
	"github.com/steptrace/steptrace/grafana-plugin/backend/query"
	"github.com/steptrace/steptrace/grafana-plugin/backend/result"
)

const (
	defaultRows = 10_000
	maxRows     = 100_000
)

func (i *Instance) sql(ctx context.Context, q query.Query) (data.Frames, error) {
	statement, err := macro.Expand(q.RawSQL, macro.Context{
		Since: q.Since, Until: q.Until, Interval: time.Duration(q.Step),
	})
	if err != nil {
		return nil, fmt.Errorf("%w: rawSql: %w", query.ErrInvalid, err)
	}
	most := q.Limit
	if most <= 0 {
		most = defaultRows
	}
	rows := result.New(min(most, maxRows))
	if err := i.db.Read(ctx, statement, rows.Begin, rows.Scan); err != nil {
		return nil, err
	}
	frame, err := inFormat(rows, q.Format)
	if errors.Is(err, result.ErrForm) {
		return nil, fmt.Errorf("%w: %w", query.ErrInvalid, err)
	}
	if err != nil {
		return nil, err
	}
	frame.Meta.ExecutedQueryString = statement.SQL
	return data.Frames{frame}, nil
}

func inFormat(rows *result.Rows, format query.Format) (*data.Frame, error) {
	switch format {
	case query.TimeSeries:
		return rows.TimeSeries()
	case query.Numeric:
		return rows.Numeric()
	default:
		return rows.Table(), nil
	}
}
