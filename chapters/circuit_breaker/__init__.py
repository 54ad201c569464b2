"""Circuit breakers and retry budgets. Page: docs/chapters/circuit_breaker.md"""
