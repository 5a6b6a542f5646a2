set terminal pngcairo size 1200,750 font 'sans,11'
set output 'silence.png'
set linetype 1 lc rgb '#c8641e'
set linetype 2 lc rgb '#2b5f8a'
set linetype 3 lc rgb '#3f7d3a'
set linetype 4 lc rgb '#7a7a7a'
set border lc rgb '#555555'
set xlabel 'perplexity (lower is better)'
set ylabel 'decoding, tokens per second / dense INT8'
set key top left
$spiking << E
28.0976 0.964977 2%
28.1968 1.00407 11%
28.4065 1.03494 20%
29.1626 1.0752 30%
30.2797 1.12065 35%
32.7507 1.21526 42%
44.1269 1.3542 53%
84.0071 1.522 62%
812.749 1.90061 74%
13424.1 2.28046 83%
E
set logscale x
set xrange [26.6927:116.389]
set xtics (5,7,10,15,20,25,30,40,50,60,80,100,150,200,300,500,1000)
set label 1 '' at 29.0972,1 point pt 5 ps 2
plot $spiking using 1:2 with linespoints lw 2 pt 7 title 'spiking, by share of silent channels', '' using 1:2:3 with labels left offset 1,-0.5 notitle, 1 with lines dt 2 title 'dense INT8', 0.733835 with lines dt 3 lw 2 title 'peer'
