package grafana

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const askEvery = 250 * time.Millisecond

// waitHealthy waits until Grafana answers that it is well.
func (p *Process) waitHealthy(ctx context.Context) error {
	deadline := p.clock.NewTimer(startTimeout, "start")
	defer deadline.Stop()
	ticker := p.clock.NewTicker(askEvery, "health")
	defer ticker.Stop()
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		healthy := p.ask(ctx, client)
		if healthy == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.ended:
			return errors.Join(errors.New("it has ended at once"), p.err)
		case <-deadline.C:
			return fmt.Errorf("it is not healthy after %s: %w", startTimeout, healthy)
		case <-ticker.C:
		}
	}
}

func (p *Process) ask(ctx context.Context, client *http.Client) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+"/api/health", nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s/api/health answers %s", p.URL, response.Status)
	}
	return nil
}
