(defun fib (n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(print (fib 25)) (let ((h (make-hash-table))) (dotimes (i 200000) (setf (gethash (mod i 1000) h) (list i))) (print (hash-table-count h)))
(gc :full t) (let ((ts (loop repeat 3 collect (sb-thread:make-thread (lambda () (fib 20)))))) (print (mapcar #'sb-thread:join-thread ts))) (terpri)
