package redact_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/steptrace/steptrace/agent/redact"
)

// orders are payloads of the size and kind that services pass on: ids, times, ARNs, URLs, a body within a body.
func orders(b *testing.B) (payloads []string) {
	b.Helper()
	for i := range 100 {
		body := fmt.Sprintf(`{"orderId":"%08d","note":"deliver at 10:%02d: ring twice","apiKey":"k%d"}`, i, i%60, i)
		items := make([]map[string]any, 10)
		for j := range items {
			items[j] = map[string]any{
				"sku": fmt.Sprintf("S-%d-%d", i, j), "price": 9.5,
				"image": fmt.Sprintf("https://img.example.com/%d/%d.png?w=1", i, j),
			}
		}
		payload, err := json.Marshal(map[string]any{
			"Records": []any{map[string]any{
				"body": body, "time": fmt.Sprintf("2026-11-23T08:%02d:%02dZ", i%60, i/2), "items": items,
				"eventSourceARN": fmt.Sprintf("arn:aws:sqs:eu-west-1:123456789012:orders-%d", i), "awsRegion": "eu-west-1",
			}},
			"headers": map[string]string{"Authorization": "Bearer abcdefgh12345678", "Host": "example.com"},
		})
		if err != nil {
			b.Fatal(err)
		}
		payloads = append(payloads, string(payload))
	}
	return payloads
}

func BenchmarkText(b *testing.B) {
	payloads := orders(b)
	for name, rules := range map[string]redact.Rules{
		"defaults": {Defaults: true}, "paths": {Defaults: true, Paths: []string{"$..sku"}},
	} {
		b.Run(name, func(b *testing.B) {
			r := redactor(b, rules)
			b.SetBytes(int64(len(payloads[0])))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r.Text(payloads[i%len(payloads)])
			}
		})
	}
}
