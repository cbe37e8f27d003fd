"""Words that tell little of what one paper is about, words of titles, and names people bear.

How often a word of research prose is met in abstracts (measured over 4,538 abstracts of three conferences of 2022
and 2023; French function words and words common in medicine, physics and the social sciences added by hand) says how
much it means when a title and an abstract share it. Words of titles that are no names, and frequent given and family
names (bibliographies of 240,403 papers), tell a line of names from a short title.
"""

from __future__ import annotations

COMMON: tuple[tuple[float, str], ...] = (
    (0.0, """
afin ainsi au aussi autre autres aux avec avons ce ces cette chez comme dans de des deux donc dont du elle elles en
entre est et etre il ils la le les leur leurs lors mais meme ne nos notre nous ont ou par pas peut peuvent plus pour
que qui sa sans selon ses son sont sous sur tous tout toute toutes tres trois un une vers"""),
    (0.5, """
a an and are as by can for from in is learning model of on our propose show that the this to we which with"""),
    (1.0, """
approach based be data datasets demonstrate experiments has however improve it methods not or paper performance
results state such tasks these training work"""),
    (1.5, """
achieve algorithm algorithme algorithmes also analyse application apprentissage approche approches art article at
automatique base been benchmark between both but cadre challenging compared computational contexte developpement
different distribution donnees effective etude etudes evaluation exemple existing find first framework generation
have high information into introduce its language langue langues large methode methodes modele modeles montrons more
networks neural new nouveau nouvelle novel only optimization outperforms over partir performances permet permettant
prediction present presentons problem probleme problemes proposons provide recent recherche representation requires
reseau reseaux resultats sample set study systeme systemes tache taches than their travail travaux two using
utilisant utilisation various when where while"""),
    (2.0, """
accuracy across adaptive additional all allows analysis applications architecture available baselines better class
classification code com complexity conditions consider consistently deep design develop directly domain each
efficient empirical evaluate even explore extensive features focus function further generalization generate github
given how https human i image important including inference input knowledge label leads leverage limited low machine
many most multi multiple natural non number objective observed often one other parameters practical pre previous
real robust scale several significantly simple space structure systems techniques test text then theoretical they
through time transformer types under understanding use used via well without world"""),
    (2.5, """
ability action address analyze any approximation attention automatic best bias bound build called capture combined
common conduct constraints construct context continuous contrastive control convergence cost current dependent
detection diverse do does due during dynamics efficiency embeddings enables encoder end error estimate estimation
examples extraction factors fast few finally fine form fully gradient graph guarantees identify implementation
increasing interactions investigate issue key known latent layer level like linear local loss make making may
measure minimal moreover need no obtain off order out pairs particular point policy possible potential prior process
processing properties prove quality question random range reduce reinforcement relations research respectively same
score selection semantic sequence shared shot shown significant similar single small solution solve some source
specific specifically standard step still strategy strong supervised target terms them there three thus towards
transfer tuning up utilize value weights wide word yet"""),
    (3.0, """
10 able about accurate adopted advantage adversarial against age agent aim aims al alignment among amount annotated
answering applied apply associated assumptions augmentation average aware because become behavior being benefits
bert blood brain cancer capability carbon care case causal cell cells cellular certain change characterize chemical
children choice classifier climate clinical close cohort collection community competitive complete components
comprehensive concentration connection contains contribution correct corresponding countries create critical cross
decision decoder defined density derive descent describe despite determine differential difficult dimensional
discovery disease diseases distance downstream economic education effects either electron employ energy english
entity environment environmental equations especially establish explain explicit exploit expressive extend fail
firms fixed fluid following found free fundamental furthermore future gains gap gene genes genetic genome global
goal good government great ground groups growth guided hard health help hospital identifying if implicit incorporate
independent individual infection initial insights inspired instance instead integrate interest interpretable
intervention interventions interviews involves iterative jointly lack law less literature long magnetic main market
matching material materials maximizing mean mechanical mechanism medical memory men metrics mice molecular motivated
much named nlp noise norm numerical online open operations optical original outcome outcomes output paradigm part
partial participants particles patient patients perspective plant plants popular population positive pretrained
probability produce promising protein proteins public publicly qualitative quantify quantum questionnaire rank rate
reasoning recognition regularization related relevant rely remains resource reveal review reward rl scenarios scheme
school search second self sentence serve sets signal since size smooth so soil sparse species speech statistical
stochastic student students success successfully suffer suggest suitable superior support surface survey surveys
synthetic tackle teachers temperature theory therapy thermal those tissue tokens tools top trade translation
treatment trial trials underlying unsupervised updates us uses vaccine validate variety very vision visual water
wave waves way what will within women workers year years yields zero"""),
    (3.5, """
2022 access according adding addresses advances affect after agents alleviate along alternative although analyses
annotation appropriate arbitrary argue aspects assume attacks attempt attributes avoid beyond boost box cannot cases
categories central clustering comparison compositional concept content contextual conversational convex
convolutional corpus correlation could crucial dense dependencies deployment derived desired detailed dialogue
diffusion dimension discrete discriminative distillation document driven easily efforts emerging enable encourage
enhance enhanced ensure essential every evidence exhibit expected expensive expert explanations exponential f1
facilitate family far field finite flexible formulate forward four gaussian geometry group growing hand handle here
hierarchical highlight idea ii illustrate imagenet impact indicate induced invariant kernel length linguistic little
log made maintaining major manner manually map margin masked matrix meta mitigate mixed modern module multilingual
must namely near necessary negative node noisy offline ones overall overcome parallel passing patterns perturbations
phenomenon physical play poor power powerful preserving prevent principled privacy probabilistic procedure product
progress projection prompt query rates rather reading recover reference regime regression regret relationship
release reliable removing report represent response restricted retrieval rich risk role segmentation semi sense
separate sequential series shift should simulation simultaneously social special speed stage start studied sub
subset substantially sufficient summarization supervision surprisingly systematic take taking temporal textual
therefore traditional trajectory type uncertainty unified unknown unlike unseen upon upper useful user users usually
valid variables vector verify view was weak whether"""),
)  # fmt: skip
"""Information of a word in nats, rounded, and the words that have it; other words have more."""

TITLE_WORDS = frozenset(
    """
abstract abusive accelerated acceleration account acl acoustic acquiring acquisition activity acts actuated actuator
adjectives adjoining adjustment advancing advertising aerial affine affordance age aggregation agile agnostic
agreement aided air allocation almost alternating ambiguity amr analytical anaphora anchor angle angular animation
ankle anomaly anthropomorphic anti anytime appearance arabic area arm arms array articles articulated artificial asr
assembly assessment assignment assisted association asymmetric asymptotic asynchronous attachment attentional attitude
auctions audio auditory author authorship auto autoencoders automata automation autonomous autoregressive auxiliary
avatar axis back backdoor background backward bag balance balancing bandits barrier base basis batch bayes bayesian
beam before behaviour belief bidirectional big bilateral bilingual bimanual binary bio biological biomedical
biomimetic biped bird bit black blind block body book bootstrapping bottleneck bottom boundary brain branch breaking
bridging broad budget cable cad calibrated calibration camera cancer capabilities capacity capsule captioning car care
carlo cascaded categorial ccg cell center chain channel characteristics chart chat checking child children chinese
chip chunking citation city claims clause climbing clinical clip closure cloth cloud cluttered cnn cnns coarse coding
cognitive coherence collaborative collision collocation color combinatorial commerce commonsense compact compatible
compensation complementary compliant compound compression conceptual concurrent confidence configuration conflict
conformal connectivity consensus consistency constant constituency contact continuum contour cooperative coordinate
coordination core coreference corpora correlated counterfactual counting coupled covariance coverage covid creation
crf criteria crowd crowdsourcing cues cultural curriculum curvature curves customer cutting cycle czech dance danish
dans dark database debiasing deblurring decentralized decomposition decoupled deepfake defense definition deformable
degradation degree delayed delivery demand denoising depression depth des description device dexterous diachronic
diagnosis dialect dialog dictionary digital dimensionality dirichlet disambiguation discourse discrepancy discussions
disease disentangled display distortion disturbance divergence divide dof don double doubly down drift drive driving
drone dropout drug dual dutch early easy edge editing education eeg ego egocentric elastic electronic element elements
embodied emotion endoscopic energy engagement engine engineering enough enriching ensemble entailment entropy
equilibrium equivalence equivariant essay etude european event events evolution evolutionary evolving exact execution
exemplar exoskeleton expansion exposure external extrapolation extreme extrinsic eye fabrication face faces facial
factual failure fairness fake false fashion fault feasibility federated feedback fidelity filling filtering financial
finger fish fitting flapping flat flight flow fluid flying food foot force forecasting forest forgetting formulation
forums fourier frame framenet francais freedom french frequency friction friendly fusion fuzzy gait game games gan
gans gaps gated gaze gender generalizable genetic genre geo german gesture gnn gold gps gpt gpu grained gram grammar
grammatical granularity grasping greedy grid gripper guaranteed guidelines hair hallucination hamiltonian haptic
hardware harmonic harnessing hashing hate head health healthcare heavy heterogeneous heuristic hidden hindi historical
hmm hoc holistic home hop horizon hpsg humanoid humor hybrid hyper hyperbolic hypergraph hyperparameter hyperspectral
hypothesis illumination imbalanced imitation immersive impedance imputation imu incomplete incremental index indian
indirect indoor induction industrial inertial inferring infinite inflection influence infrared infrastructure
injection inpainting insertion inside inspection instruction integer integration intelligent intensity intent
interface intermediate internal internet interpolation intersection interventions intra intrinsic invasive inverse
inverted italian item japanese jumping just kalman keyphrase keypoint keyword kinematic kinodynamic knee know korean
labelling landing landmark landscape lane langevin langue laplacian laser lasso last latency law layout least legged
lens let lexical lexicon library lidar life lifelong lifting light lightweight likelihood limb line lines lingual
linking lipschitz liquid list live llm llms load locomotion logistic look loop lstm magnetic maintenance management
mandarin manifold manipulation manufacturing maps markers market markov mass material math mathematical matrices
matters maximum mcmc mdps mechanical media medical meets membership mental merging mesh message metadata metaphor
methodology micro mind miniature minimax minimum mining mirror misinformation missing mitigation mixture mixup mobile
mode modelling modular molecular moment momentum monitoring monocular monolingual monte morphological motion mounted
moving mpc mri muc multiclass multimedia multimodal multiscale multitask multivariate multiview multiword muscle
musculoskeletal music mutual narrative native navigating navigation nearest needle neighbor neighborhood ner nerf
nested net nets neuro neurons news newton next nlg nmt nonconvex nonholonomic nonlinear nonparametric norwegian noun
novelty obstacle occluded occlusion occupancy occurrence ocr odometry offensive old omni omnidirectional ontology
opinion optical oracle oral ordinal organization oriented orthogonal outdoor outlier overlapping overview pac painting
pairwise panoptic panoramic par parametric paraphrase pareto parole parsing participation particle partir partitioning
passage passivity past patch path patient pca pedestrian people perception perceptual periodic permutation persistent
person phase phoneme phonetic phonological photo photometric photorealistic phrase picking piecewise pilot pipeline
pixel place planar planning platform plug pneumatic poisoning poisson polarity polish political polynomial pomdps
pooling population portrait portuguese pose post posterior posture pour pragmatic precise precision predicate
preference preliminary pressure price primitives principal printing private profiling programming progressive pronoun
pronunciation propaganda propagation proper prosodic prosthesis protein prototype provably proximal proxy pruning
pseudo pure purpose pursuit pushing pyramid quadratic quadrotor quadruped qualitative quantification quantitative
quantum quasi radar radiance rapid rare ratio raw ray reachability reactive realistic really rearrangement recall
recognizing recommendation reconfigurable reconstruction records recurrent reduction redundancy redundant referring
refinement reflection region registration regulation rehabilitation relaxation relu remote rendering reordering repair
replay reranking rescue residual resilient resolution resolving restoration rethinking reverse reviews revision
revisiting rewriting rgb rhetorical riemannian right rigid rnn road robot roles romanian room rotation rough routing
rrt rule rules running russian safe safety saliency salient sarcasm satellite satisfaction scan scene scheduling
schema science scientific scope script security see seeking semantically semeval sensitive sensitivity sentiment
separation serial servoing session sgd shadow shallow shape sharp short shortest siamese side sim simplification
simplified simulated situated situation six skeleton sketch skills skin skip slam sliding slip slot smart smt snake
soft softmax software sonar sound span spanish spatial spatio spatiotemporal speaker spectral spectrum spelling
spherical spiking splatting splitting spoken spontaneous sports spotting spring sql squares stability stabilization
stable stacked stance stationary steering stereo stiffness stock story streaming street string stroke style subgraph
subject submission submodular subspace substitution subword sum super sur surface surgery surrogate surveillance
survey svm swarm swedish swimming switching symbolic symmetric synchronous syntactic syntax synthesis synthesizing
table tables tabular tactile tagging tags tailed talk taxonomy teaching team technology tele teleoperation tell
template tendon tensor terminology terrain texture thermal thesaurus thin third thompson threshold tight tissue
tolerant toolkit topological torque touch tracing tracking traduction traffic transcription transducers transferring
transition translating transliteration transmission transparent transport tree treebank trees triplet trust truth tube
turkish turn tweets twitter uav uavs ultra ultrasound unbiased unconstrained underactuated underwater une uniform
unifying unit universal unlabeled unlearning unmanned unpaired unstructured unveiling urban usage utterances vae
varying vehicle velocity verb verification versatile versus vertical vibration video viewpoint virtual visuomotor
vocabulary voice volume volumetric voting voxel vqa walking wall wasserstein water wave wavelet wearable weather web
wheelchair wheeled who whole why width wikipedia wild wind window wing wireless wise wmt wordnet workshop workspace
writing written wsd you your""".split()  # noqa: SIM905
)
"""Words of titles that people seldom bear as names."""

GIVEN_NAMES = frozenset(
    """
aaron abhinav abhishek adam aditya adrian adrien ahmed ajay akshay alan albert alberto alec alejandro alessandro alex
alexander alexandra alexandre alexey alexis ali alireza alon amin amir amit ana anders andre andrea andreas andrei
andrew andrey andy angela anh animesh ankit ankur anna anthony antoine anton antonio arash arjun artem arthur arun
ashish atsushi ayush barbara bei ben benjamin bernhard biao bill bin bing bo boris bowen brandon brendan brian bruno
bryan caiming carl carlos chang changsheng chao charles chelsea chen cheng chenxi chenyang chi chong chris christian
christoph christopher christos chuan chuang chun claire claudio colin cong cristian da dacheng dan daniel daniela
daniele danny david davide dawei deepak denis dennis derek dhruv di diego dieter dimitrios dimitris dinesh ding dirk
dmitry dominik dong dongsheng dylan edoardo eduard edward ehsan ekaterina elena eli elizabeth emanuele emily emmanuel
enhong enrico eric erik ethan eugene evangelos fabian fabio fan fang federico fei felix feng fernando filip florian
francesco francis francisco franck francois frank furu gabriel gabriele gal gang gaurav ge georg george georgios
gerard gerhard giovanni giuseppe graham greg gregory guang guillaume guodong guy hai haifeng haipeng hamed han hang
hao haochen haonan haoran haotian haoyu he heng henry hiroshi hong hongbo hongsheng hongwei hongyu hongzhi hossein hu
hua huan hugo hui ian igor ilya ioannis ivan jack jacob jakob jakub james jan jason javier jay jean jeff jeffrey
jennifer jens jeremy jesse jessica ji jia jiachen jiacheng jiahao jiahui jiajun jiaming jian jianfei jianfeng jiang
jianmin jianping jianwei jianxin jiaqi jiawei jiaxin jiayi jiayu jie jimmy jin jing jingbo jingjing jingwei jingyi
jingyu joao joel johannes john jon jonas jonathan jordan jorge jose josef joseph joshua juan julia julian julien jun
junchi junfeng junjie junwei junyi junyu justin kai kaiwen kang karen karl karthik kate katherine ke kei keisuke ken
kenji kenneth kevin konstantin konstantinos kostas kris krishna krzysztof kui kun kyle lan lars laura laurent le lei
leon leonardo leonidas li liang lifeng lijun lin ling liqiang liu liwei lorenzo louis lu luc luca lucas luis lukas
luke mahdi manish manuel maosong marc marcel marco marcus maria mario marius mark markus marta martin maryam masahiro
masashi mathias mathieu matt matteo matthew matthias matthieu maxim maxime maximilian md mehdi meng miao michael
michal michele miguel mihaela mihai mike mikhail min ming minghao mingming mingyang mingyu minh mohamed mohammad
mohammed mohan mohit moritz muhammad na nan naoki nathan neil nicholas nick nicola nicolas nikhil nikita nikolaos
nikolay nils ning noah noam olga oliver olivier omar omer oscar pablo pan panagiotis paolo pascal patrick paul pavel
pedro pei peng pengcheng pengfei peter philip philipp philippe phillip pierre pieter pietro ping piotr pradeep qi qian
qiang qianqian qin qing quan quanquan quentin qun rachel radu rafael rahul ran raphael ravi rebecca reza ricardo
riccardo richard rishabh robert roberto robin roger rohan rohit roland roman ron rong rongrong roy rui ryan ryo sai
sam sami samuel sandeep sara sarah satoshi saurabh scott sean sebastian sen sergey sergio shan shen sheng shi shijie
shiyu shu shuai shuang shubham shun shuo si siddharth sijia simon simone siqi siyu siyuan song stan stefan stefano
stephan stephen steve steven sung sven sylvain takashi tal tao tatsuya teng thomas tian tianyi tianyu tim timo timothy
ting tobias tom tomas tomer tommaso tong tony torsten trevor tristan tyler valentin varun victor vijay vikas viktor
vincent vishal vivek vladimir vladislav wang wanli wei weidong weijie weiming weinan weiwei wen wenbin wenbo wenhao
wenjie wenjun wenqi wentao wenxuan william wojciech wolfgang wu xavier xi xia xian xiang xiangyang xiangyu xiao
xiaodan xiaodong xiaofei xiaofeng xiaogang xiaohan xiaohui xiaojie xiaojun xiaolin xiaolong xiaoming xiaopeng xiaowei
xiaoyu xin xing xingyu xinyi xinyu xu xuan xudong xue xun yan yanan yang yanwei yao yash ye yejin yi yichen yifan
yifei yifeng yijun yilin yilun yiming yin ying yiran yiwei yixin yixuan yizhou yoav yong yongxin yoshua yu yuan yuchen
yucheng yue yufei yufeng yuhang yuhao yujia yujie yuke yuki yulia yun yunhao yuqing yusuke yuta yuting yutong yuval
yuwei yuxiang yuxin yuxuan zachary zeyu zhangyang zhao zhaopeng zhe zhen zheng zhenhua zhenyu zhi zhicheng zhihao
zhipeng zhiqiang zhiwei zhiyong zhiyu zhiyuan zhong zhou zhuo zhuoran zihan zihao zijian ziqi zirui ziwei zixuan
ziyang ziyi ziyu""".split()  # noqa: SIM905
)
"""Frequent given names, folded."""

FAMILY_NAMES = frozenset(
    """
abbeel agarwal aggarwal agrawal ahmed ahn ali anderson arora bae baek bai balasubramanian banerjee bansal bao bengio
bhattacharya bhattacharyya bian biswas brown bu bui cai campbell cao chai chakraborty chan chang chao chaudhuri che
chen cheng cheung chi chiang chiu cho choi chowdhury chu chua chung clark cohen cong cotterell cui dai dang darrell
das davis deng ding dong dou du duan dutta ermon fan fang fei feng finn fischer foster fox fu fung gao garg ge geng
ghosh goel goldberg gong gonzalez gool goyal gu guan gui guibas guo gupta ha han hao hashimoto he ho hong hou hsieh
hsu hu hua huang hui huo hutter hwang islam jain jang jeon jeong jha ji jia jiang jiao jin jing johnson jones jordan
joshi ju jung kan kang ke khan kim king klein ko kobayashi koh kong krause krishna krishnamurthy kuang kulkarni kumar
kuo kwak kwon lai lam lan lang lau le lee lei levine levy lewis li lian liang liao lim lin ling liu lo lou lu luo lv
lyu ma mai malik manocha mao martin mehta mei meng miao miller min mishra mitra mittal mo moon mu mukherjee muller
nair nakamura nam neubig neumann ng nguyen ni nie ning niu oh ou ouyang pal pan pandey pang park patel pavone pei peng
peters pham pu qi qian qiao qin qiu qu quan rahman ramos rao reddy ren ribeiro rodriguez rossi roth roy ruan rus
sadigh saha saito sarkar sato schaar schmid schmidt schneider scholkopf sen seo shah shan shang shao sharma shen sheng
shi shin shrivastava shu si siegwart silva simon singh sinha smith son song srinivasan srivastava su subramanian
sugiyama sui sun sung suzuki tai takahashi tan tanaka tang tao taylor tenenbaum teng theobalt thomas tian tomizuka
tong tran tsai tseng tu verma vu wan wang watanabe weber wei wen weng williams wilson wolf wong woo wu xi xia xian
xiang xiao xie xin xing xiong xu xue yadav yan yang yao ye yi yin ying yoo yoon yu yuan yue yun zang zeng zha zhai
zhan zhang zhao zheng zhong zhou zhu zhuang zong zou zuo""".split()  # noqa: SIM905
)
"""Frequent family names, folded."""
